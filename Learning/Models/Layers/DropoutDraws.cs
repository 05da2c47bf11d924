using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Models.Layers;

/// <summary>What a job's dropout layers drop: a stream for each layer, from one draw of the job's.</summary>
internal sealed class DropoutDraws
{
    private readonly (double Rate, RandomStream Stream)[] _layers;

    /// <summary>The draws of a job's layers; nothing is drawn where there is no dropout.</summary>
    /// <param name="architecture">The network; null for one without a description.</param>
    /// <param name="source">The job's randomness.</param>
    public DropoutDraws(Architecture? architecture, RandomStream source)
    {
        var rates = architecture is null ? [] : RatesOf(architecture.Layers).ToList();
        var key = rates.Count == 0 ? 0 : source.NextBits();
        _layers = [.. rates.Select((rate, i) => (rate, new RandomStream(Seeds.Mix(key ^ (ulong)i))))];
    }

    /// <summary>Number of dropout layers.</summary>
    public int Count => _layers.Length;

    /// <summary>Draws the factors of a layer's next values: 0, or 1/(1 − rate).</summary>
    /// <param name="layer">Index among the dropout layers, from input to output.</param>
    /// <param name="factors">As many as there are values, sample after sample, channel after channel.</param>
    public void Draw(int layer, Span<float> factors)
    {
        var (rate, stream) = _layers[layer];
        var kept = (float)(1 / (1 - rate));
        foreach (ref var factor in factors) factor = stream.NextDouble() < rate ? 0 : kept;
    }

    /// <summary>Rates of the dropout layers, from input to output.</summary>
    /// <param name="layers">The layers of a network.</param>
    public static IEnumerable<double> RatesOf(IEnumerable<Layer> layers) => layers.SelectMany(layer => layer switch
    {
        Dropout dropout => [dropout.Rate],
        Block block => RatesOf(block.Layers),
        Residual residual => RatesOf(residual.Layers).Concat(RatesOf(residual.Shortcut)),
        _ => Enumerable.Empty<double>(),
    });
}
