using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines;
using Orleans.FL.Learning.Training.Engines.Torch;

namespace Orleans.FL.Learning.Algorithms.Split;

/// <summary>A node's side of a turn of split learning.</summary>
/// <remarks>
/// For each piece of a batch the node sends the output of its first layers, (rows, width at the cut), with the targets
/// (rows) behind it if the server has the last layer; it receives the output of the server's layers (U-shaped only),
/// sends the gradients of that, and receives the gradients of its own output. Tests go forward only, and their targets
/// stay here.
/// </remarks>
/// <param name="model">The cut model.</param>
/// <param name="me">The node, in the round of its turn.</param>
internal sealed class SplitNode(SplitModel model, Learner me) : SplitSide(model, me)
{
    private readonly int _node = me.Index, _round = me.Round;
    private MetricSums _training, _validation, _test, _localTest;
    private long _steps;

    /// <inheritdoc/>
    public override SplitOutcome Result => new(Weights, _training, _steps, _validation, _test, _localTest);

    /// <inheritdoc/>
    protected override IEnumerable<SplitMessage> Messages()
    {
        var run = Model.Run;
        var (below, above) = (Begin(Model.Below), Model.UShaped ? Begin(Model.Above) : null);
        var order = Model.Order(run.TrainIndices(_node), _node, _round);
        for (_steps = 0; _steps < order.StepsOf(run.Training); _steps++)
            foreach (var line in Train(below, above, run.Data.Train, order.Next().ToArray())) yield return line;
        if (!run.Tests(_round)) yield break;
        foreach (var line in Test(below, above, run.Data.Train, run.ValidationIndices(_node), s => _validation += s)
            .Concat(Test(below, above, run.Data.Test, run.TestIndices, s => _test += s))
            .Concat(Test(below, above, run.Data.Test, run.LocalTest[_node], s => _localTest += s))) yield return line;
    }

    private IEnumerable<SplitMessage> Train(ModelPart below, ModelPart? above, DataPart data, int[] batch)
    {
        below.Begin(batch.Length);
        above?.Begin(batch.Length);
        foreach (var (from, count) in SplitModel.Pieces(batch.Length, below.MostSamples))
        {
            var piece = batch.AsMemory(from, count);
            below.Read(data, piece.Span);
            var activations = below.Forward();
            if (above is null)
            {
                yield return new SplitMessage(ParameterVector.Own([.. activations,
                    .. data.Targets.ToNumbers(piece.Span)]), SplitModel.Length(count, below.Outputs));
            }
            else
            {
                yield return new SplitMessage(ParameterVector.Own(activations), SplitModel.Length(count, above.Inputs));
                above.Read(ReceivedUpdate.Span);
                above.Forward();
                above.Backward(data.Targets, piece.Span);
                yield return new SplitMessage(ParameterVector.Own(above.Errors()),
                    SplitModel.Length(count, below.Outputs));
            }
            below.Backward(ReceivedUpdate.Span);
        }
        if (above is not null) _training += above.Metrics;
    }

    private IEnumerable<SplitMessage> Test(
        ModelPart below, ModelPart? above, DataPart data, int[] samples, Action<MetricSums> add)
    {
        foreach (var (from, count) in SplitModel.Pieces(samples.Length, Evaluator.BatchSize))
        {
            below.Read(data, samples.AsSpan(from, count));
            yield return new SplitMessage(ParameterVector.Own(below.Test()),
                SplitModel.Length(count, above?.Inputs ?? Model.Run.Data.Outputs));
            if (above is null)
            {
                add(below.Score(ReceivedUpdate.Span, data.Targets, samples.AsSpan(from, count)));
                continue;
            }
            above.Read(ReceivedUpdate.Span);
            add(above.Score(above.Test(), data.Targets, samples.AsSpan(from, count)));
        }
    }
}
