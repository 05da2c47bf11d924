using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Engines.Torch;

namespace Orleans.FL.Learning.Algorithms.Split;

/// <summary>The server's side of a turn of split learning: the answers to what <see cref="SplitNode"/> sends.</summary>
/// <remarks>It knows the number of the node's samples, and so the length of each message; it receives no inputs, and
/// targets only where it has the last layer.</remarks>
internal sealed class SplitServer : SplitSide
{
    private readonly Targets _targets; // of the kind that nodes send
    private readonly int _outputs;
    private readonly IReadOnlyList<int> _trained, _tested;
    private MetricSums _training;

    /// <summary>The server's side.</summary>
    /// <param name="model">The cut model.</param>
    /// <param name="me">The server, in the round of the turn.</param>
    /// <param name="node">Rank of the node whose turn it is.</param>
    public SplitServer(SplitModel model, Learner me, int node) : base(model, me)
    {
        var run = model.Run;
        (_targets, _outputs) = (run.Data.Train.Targets, run.Data.Outputs);
        _trained = [.. model.BatchSizes(run.TrainIndices(node).Length)];
        _tested = run.Tests(me.Round)
            ? [run.ValidationIndices(node).Length, run.TestIndices.Length, run.LocalTest[node].Length]
            : [];
    }

    /// <inheritdoc/>
    // the steps are counted at the node
    public override SplitOutcome Result => new(Weights, _training, Steps: 0, default, default, default);

    /// <inheritdoc/>
    protected override IEnumerable<SplitMessage> Messages()
    {
        var part = Begin(Model.Middle);
        ParameterVector? answer = null;
        foreach (var batch in _trained)
        {
            part.Begin(batch);
            foreach (var (_, count) in SplitModel.Pieces(batch, part.MostSamples))
            {
                var values = SplitModel.Length(count, part.Inputs);
                yield return new SplitMessage(answer, SplitModel.Length(count, part.Inputs + (Model.UShaped ? 0 : 1)));
                part.Read(ReceivedUpdate.Span[..values]);
                var outputs = part.Forward();
                if (Model.UShaped)
                {
                    yield return new SplitMessage(ParameterVector.Own(outputs), SplitModel.Length(count, part.Outputs));
                    part.Backward(ReceivedUpdate.Span);
                }
                else
                {
                    part.Backward(_targets.OfNumbers(ReceivedUpdate.Span[values..], _outputs),
                        [.. Enumerable.Range(0, count)]);
                }
                answer = ParameterVector.Own(part.Errors());
            }
            if (!Model.UShaped) _training += part.Metrics;
        }
        foreach (var (_, count) in _tested.SelectMany(samples => SplitModel.Pieces(samples, Evaluator.BatchSize)))
        {
            yield return new SplitMessage(answer, SplitModel.Length(count, part.Inputs));
            part.Read(ReceivedUpdate.Span);
            answer = ParameterVector.Own(part.Test());
        }
        if (answer is not null) yield return new SplitMessage(answer, 0);
    }
}
