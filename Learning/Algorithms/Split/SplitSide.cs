using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines;

namespace Orleans.FL.Learning.Algorithms.Split;

/// <summary>One side of a turn of split learning: the parts of the model that it trains.</summary>
/// <param name="model">The cut model.</param>
/// <param name="me">The side's node, in the round of the turn.</param>
internal abstract class SplitSide(SplitModel model, Learner me) : SplitParty
{
    private readonly ParameterVector _start = me.Weights;
    private readonly List<ModelPart> _parts = [];

    /// <summary>The cut model.</summary>
    protected SplitModel Model => model;

    /// <summary>The side's weights as they are now: its parts, and zeros in place of the other's.</summary>
    protected ParameterVector Weights
    {
        get
        {
            var weights = new float[_start.Length];
            foreach (var part in _parts) part.Put(weights);
            return ParameterVector.Own(weights);
        }
    }

    /// <summary>Begins to train a part; on a lane, for a network may have to be built.</summary>
    /// <param name="part">The part.</param>
    protected ModelPart Begin(PartOfModel part)
    {
        _parts.Add(model.Begin(part, _start));
        return _parts[^1];
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var part in _parts) part.Dispose();
        base.Dispose();
    }
}
