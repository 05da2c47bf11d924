using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;

namespace Orleans.FL.Learning.Algorithms.Split;

/// <summary>
/// A model that is cut between a node and the server, and in which pieces the samples of a turn go through it.
/// </summary>
/// <param name="run">What the nodes of the run have in common.</param>
/// <param name="cut">Layers at the node, counted from the pixels.</param>
/// <param name="head">Layers at the node, counted from the scores; 0 if the server has the last one.</param>
internal sealed class SplitModel(ILearnerContext run, int cut, int head)
{
    private readonly int _layers = LayoutPart.LayersOf(run.Layout).Count;
    private readonly int _smallest = run.Model.Create().SmallestBatch(run.Data.Train.Shape);

    /// <summary>What the nodes of the run have in common.</summary>
    public ILearnerContext Run => run;

    /// <summary>Whether the node holds the last layers.</summary>
    public bool UShaped => head > 0;

    /// <summary>
    /// What a node holds of a model's weights: the layers that read the pixels, and those that give the scores.
    /// </summary>
    /// <param name="layout">The layout of the whole model.</param>
    /// <param name="cut">Layers at the node, counted from the pixels.</param>
    /// <param name="head">Layers at the node, counted from the scores.</param>
    public static LayoutPart AtNode(ParameterLayout layout, int cut, int head)
    {
        var layers = LayoutPart.LayersOf(layout);
        return LayoutPart.OfLayers(layout, layers.Take(cut).Concat(layers.TakeLast(head)));
    }

    /// <summary>Layers at the node that read the pixels.</summary>
    public PartOfModel Below => Part(0, cut);

    /// <summary>Layers at the server.</summary>
    public PartOfModel Middle => Part(cut, _layers - head);

    /// <summary>Layers at the node that give the scores; only where <see cref="UShaped"/>.</summary>
    public PartOfModel Above => Part(_layers - head, _layers);

    /// <summary>A part in training.</summary>
    /// <param name="part">The part.</param>
    /// <param name="weights">Weights of the whole model; those of other parts are not looked at.</param>
    public ModelPart Begin(PartOfModel part, ParameterVector weights) => ModelParts.Of(part, weights, run.Training);

    /// <summary>Sizes of the batches that a node's training has, in order.</summary>
    /// <param name="samples">Number of the node's samples.</param>
    public IEnumerable<int> BatchSizes(int samples)
    {
        // sizes do not depend on what is drawn
        var (settings, order) = (run.Training, Order(new int[samples], node: 0, round: 0));
        for (var steps = order.StepsOf(settings); steps > 0; steps--) yield return order.Next().Length;
    }

    /// <summary>The batches of a node's training; those that <see cref="Workbench.Train"/> takes.</summary>
    /// <param name="samples">The node's samples.</param>
    /// <param name="node">Its rank.</param>
    /// <param name="round">Round, from 0.</param>
    public SampleOrder Order(int[] samples, int node, int round) =>
        new(samples, run.Training.BatchSize, _smallest, run.Seeds.Stream(TrainingTask.FirstOrder, node, round));

    /// <summary>The pieces in which a batch goes through the parts: each is one message a crossing.</summary>
    /// <param name="count">Number of samples.</param>
    /// <param name="most">Most samples of a piece.</param>
    public static IEnumerable<(int From, int Count)> Pieces(int count, int most)
    {
        for (var from = 0; from < count; from += most) yield return (from, Math.Min(most, count - from));
    }

    /// <summary>The length of a message.</summary>
    /// <param name="samples">Samples of the piece.</param>
    /// <param name="values">Values that cross a sample.</param>
    /// <exception cref="ExperimentException">No vector is that long.</exception>
    public static int Length(int samples, int values) => (long)samples * values <= Array.MaxLength
        ? samples * values
        : throw new ExperimentException($"{samples} samples of {values} values are more than one message can hold; "
            + $"set training.batchSize to {Array.MaxLength / values} or less.");

    private PartOfModel Part(int from, int to) => new(run.Model, run.Data.Train.Shape, run.Outputs, from, to);
}
