using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training;
using Orleans.FL.Learning.Training.Dense;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>The hub's side of a turn of split learning: the answers to what <see cref="SplitNode"/> says.</summary>
/// <remarks>Knows of the node's samples how many there are, and so the length of each message; no pixels, and labels only where it has the last layer.</remarks>
internal sealed class SplitHub : Speaker
{
    private readonly SplitModel _model;
    private readonly DensePart _part;
    private readonly int _layoutLength, _classes;
    private readonly IReadOnlyList<int> _trained, _tested;
    private MetricSum _training;

    /// <summary>The hub's side.</summary>
    /// <param name="model">The cut model.</param>
    /// <param name="me">The hub, in the round of the turn.</param>
    /// <param name="node">Rank of the node whose turn it is.</param>
    public SplitHub(SplitModel model, Learner me, int node)
    {
        var plan = model.Plan;
        (_model, _part) = (model, model.Begin(model.Middle, me.Weights));
        (_layoutLength, _classes) = (plan.Layout.Length, plan.Data.Classes);
        _trained = [.. model.BatchSizes(plan.TrainIndices(node).Length)];
        _tested = plan.Tests(me.Round) ? [plan.ValidationIndices(node).Length, plan.TestIndices.Length, plan.LocalTest[node].Length] : [];
    }

    /// <inheritdoc/>
    public override Spoken Result
    {
        get
        {
            var weights = new float[_layoutLength];
            _model.Middle.Put(_part.Weights(), weights);
            return new(ParameterVector.Own(weights), _training, Steps: 0, default, default, default); // the steps are counted at the node
        }
    }

    /// <inheritdoc/>
    protected override IEnumerable<Line> Speak()
    {
        ParameterVector? answer = null;
        foreach (var batch in _trained)
        {
            var score = new PieceScore();
            _part.Begin(batch);
            foreach (var (_, count) in SplitModel.Pieces(batch, DenseNetwork.Rows))
            {
                var values = count * _part.Inputs;
                yield return new Line(answer, values + (_model.UShaped ? 0 : count));
                _part.Read(Heard.Span[..values]);
                var outputs = _part.Forward();
                if (_model.UShaped)
                {
                    yield return new Line(ParameterVector.Own(outputs), count * _part.Outputs);
                    _part.Backward(Heard.Span);
                }
                else
                {
                    _part.Backward(LabelsOf(Heard.Span[values..]), score);
                }
                answer = ParameterVector.Own(_part.Errors());
            }
            if (!_model.UShaped) _training += score.Metrics;
        }
        foreach (var (_, count) in _tested.SelectMany(samples => SplitModel.Pieces(samples, Evaluator.BatchSize)))
        {
            yield return new Line(answer, count * _part.Inputs);
            _part.Read(Heard.Span);
            answer = ParameterVector.Own(_part.Forward());
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
