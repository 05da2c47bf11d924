using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training;
using Orleans.FL.Learning.Training.Dense;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>A node's side of a turn of split learning.</summary>
/// <remarks>
/// For each piece of a batch: says what its first layers make of the pixels, (rows, width at the cut), with the labels (rows) behind it if the hub has the last layer;
/// hears what the hub's layers make of it (U-shaped only), says their errors, and hears the errors of its own. Tests go forward only,
/// and their labels stay here.
/// </remarks>
internal sealed class SplitNode : Speaker
{
    private readonly SplitModel _model;
    private readonly Learner _me;
    private readonly DensePart _below;
    private readonly DensePart? _above;
    private MetricSum _training, _validation, _test, _localTest;
    private long _steps;

    /// <summary>A node's side.</summary>
    /// <param name="model">The cut model.</param>
    /// <param name="me">The node, in the round of its turn.</param>
    public SplitNode(SplitModel model, Learner me)
    {
        (_model, _me) = (model, me);
        _below = model.Begin(model.Below, me.Weights);
        _above = model.UShaped ? model.Begin(model.Above, me.Weights) : null;
    }

    /// <inheritdoc/>
    public override Spoken Result
    {
        get
        {
            var weights = new float[_me.Layout.Length];
            _model.Below.Put(_below.Weights(), weights);
            if (_above is not null) _model.Above.Put(_above.Weights(), weights);
            return new(ParameterVector.Own(weights), _training, _steps, _validation, _test, _localTest);
        }
    }

    private int Classes => _model.Plan.Data.Classes;

    /// <inheritdoc/>
    protected override IEnumerable<Line> Speak()
    {
        var (plan, node) = (_model.Plan, _me.Index);
        var order = _model.Order(plan.TrainIndices(node), node, _me.Round);
        for (_steps = 0; _steps < order.StepsOf(plan.Experiment.Training); _steps++)
            foreach (var line in Train(plan.Data.Train, order.Next().ToArray())) yield return line;
        if (!plan.Tests(_me.Round)) yield break;
        var (validation, test, localTest) = (new PieceScores(), new PieceScores(), new PieceScores());
        foreach (var line in Test(plan.Data.Train, plan.ValidationIndices(node), validation)
            .Concat(Test(plan.Data.Test, plan.TestIndices, test)).Concat(Test(plan.Data.Test, plan.LocalTest[node], localTest))) yield return line;
        (_validation, _test, _localTest) = (validation.Sum, test.Sum, localTest.Sum);
    }

    private IEnumerable<Line> Train(ImageSet data, int[] batch)
    {
        var score = new PieceScore();
        _below.Begin(batch.Length);
        _above?.Begin(batch.Length);
        foreach (var (from, count) in SplitModel.Pieces(batch.Length, DenseNetwork.Rows))
        {
            var piece = batch.AsMemory(from, count);
            _below.Read(data, piece.Span);
            var activations = _below.Forward();
            if (_above is null)
            {
                yield return new Line(ParameterVector.Own([.. activations, .. LabelsOf(data, piece.Span).Select(l => (float)l)]), count * _below.Outputs);
            }
            else
            {
                yield return new Line(ParameterVector.Own(activations), count * _above.Inputs);
                _above.Read(Heard.Span);
                _above.Forward();
                _above.Backward(LabelsOf(data, piece.Span), score);
                yield return new Line(ParameterVector.Own(_above.Errors()), count * _below.Outputs);
            }
            _below.Backward(Heard.Span);
        }
        if (_above is not null) _training += score.Metrics;
    }

    private IEnumerable<Line> Test(ImageSet data, int[] samples, PieceScores scores)
    {
        foreach (var (from, count) in SplitModel.Pieces(samples.Length, Evaluator.BatchSize))
        {
            _below.Read(data, samples.AsSpan(from, count));
            yield return new Line(ParameterVector.Own(_below.Forward()), count * (_above?.Inputs ?? Classes));
            if (_above is null)
            {
                scores.Add(Heard.Span, LabelsOf(data, samples.AsSpan(from, count)));
                continue;
            }
            _above.Read(Heard.Span);
            scores.Add(_above.Forward(), LabelsOf(data, samples.AsSpan(from, count)));
        }
    }

    private static int[] LabelsOf(ImageSet data, ReadOnlySpan<int> samples)
    {
        var labels = new int[samples.Length];
        for (var i = 0; i < labels.Length; i++) labels[i] = data.Labels[samples[i]];
        return labels;
    }

    /// <summary>Loss and accuracy over the pieces of a test.</summary>
    private sealed class PieceScores
    {
        public MetricSum Sum { get; private set; }

        public void Add(ReadOnlySpan<float> scores, int[] labels)
        {
            var (piece, classes) = (new PieceScore(), scores.Length / labels.Length);
            for (var row = 0; row < labels.Length; row++) piece.Add(scores.Slice(row * classes, classes), labels[row]);
            Sum += piece.Metrics;
        }
    }
}
