using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>The hub's side of a turn of split learning: the answers to what <see cref="SplitNode"/> says.</summary>
/// <remarks>Knows of the node's samples how many there are, and so the length of each message; no pixels, and labels only where it has the last layer.</remarks>
internal sealed class SplitHub : SplitSide
{
    private readonly int _classes;
    private readonly IReadOnlyList<int> _trained, _tested;
    private MetricSum _training;

    /// <summary>The hub's side.</summary>
    /// <param name="model">The cut model.</param>
    /// <param name="me">The hub, in the round of the turn.</param>
    /// <param name="node">Rank of the node whose turn it is.</param>
    public SplitHub(SplitModel model, Learner me, int node) : base(model, me)
    {
        var plan = model.Plan;
        _classes = plan.Data.Classes;
        _trained = [.. model.BatchSizes(plan.TrainIndices(node).Length)];
        _tested = plan.Tests(me.Round) ? [plan.ValidationIndices(node).Length, plan.TestIndices.Length, plan.LocalTest[node].Length] : [];
    }

    /// <inheritdoc/>
    public override Spoken Result => new(Weights, _training, Steps: 0, default, default, default); // the steps are counted at the node

    /// <inheritdoc/>
    protected override IEnumerable<Line> Speak()
    {
        var part = Begin(Model.Middle);
        ParameterVector? answer = null;
        foreach (var batch in _trained)
        {
            part.Begin(batch);
            foreach (var (_, count) in SplitModel.Pieces(batch, part.MostSamples))
            {
                var values = SplitModel.Length(count, part.Inputs);
                yield return new Line(answer, SplitModel.Length(count, part.Inputs + (Model.UShaped ? 0 : 1)));
                part.Read(Heard.Span[..values]);
                var outputs = part.Forward();
                if (Model.UShaped)
                {
                    yield return new Line(ParameterVector.Own(outputs), SplitModel.Length(count, part.Outputs));
                    part.Backward(Heard.Span);
                }
                else
                {
                    part.Backward(LabelsOf(Heard.Span[values..]));
                }
                answer = ParameterVector.Own(part.Errors());
            }
            if (!Model.UShaped) _training += part.Metrics;
        }
        foreach (var (_, count) in _tested.SelectMany(samples => SplitModel.Pieces(samples, Evaluator.BatchSize)))
        {
            yield return new Line(answer, SplitModel.Length(count, part.Inputs));
            part.Read(Heard.Span);
            answer = ParameterVector.Own(part.Test());
        }
        if (answer is not null) yield return new Line(answer, 0);
    }

    private int[] LabelsOf(ReadOnlySpan<float> told)
    {
        var labels = new int[told.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            if (!(told[i] >= 0 && told[i] < _classes) || told[i] != MathF.Floor(told[i]))
                throw new InvalidDataException($"The label {told[i]} was told where one of 0 to {_classes - 1} is expected.");
            labels[i] = (int)told[i];
        }
        return labels;
    }
}
