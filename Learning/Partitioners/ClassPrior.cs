using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Partitioners;

/// <summary>A node's shares of the classes, drawn from a Dirichlet distribution; right for any concentration.</summary>
internal sealed class ClassPrior
{
    // The logarithm of a class's share is wide + narrow/(α·weight). It stays finite where the number would be 0 in all
    // classes, and α times it does even where α is the least double that there is.
    private readonly double[] _wide, _narrow, _weights, _shares;
    private readonly double _alpha;

    private ClassPrior(double[] wide, double[] narrow, double[] weights, double alpha)
    {
        (_wide, _narrow, _weights, _alpha) = (wide, narrow, weights, alpha);
        var logs = new double[wide.Length];
        for (var i = 0; i < logs.Length; i++)
            logs[i] = alpha * weights[i] is > 0 and var own ? wide[i] + narrow[i] / own : double.NegativeInfinity;
        var largest = logs.Max();
        _shares = double.IsInfinity(largest)
            ? new double[logs.Length]
            : Array.ConvertAll(logs, log => Math.Exp(log - largest));
    }

    /// <summary>Draws shares from Dir(α·w).</summary>
    /// <param name="alpha">α, above 0.</param>
    /// <param name="weights">w: the weight of each class; 0 for one without samples.</param>
    /// <param name="stream">The randomness.</param>
    public static ClassPrior Draw(double alpha, double[] weights, RandomStream stream)
    {
        // Gamma(a) = Gamma(a + 1) * U^(1/a)
        var (wide, narrow) = (new double[weights.Length], new double[weights.Length]);
        for (var i = 0; i < weights.Length; i++)
        {
            wide[i] = Math.Log(stream.NextGamma(alpha * weights[i] + 1));
            narrow[i] = Math.Log(1 - stream.NextDouble());
        }
        return new ClassPrior(wide, narrow, weights, alpha);
    }

    /// <summary>The shares of some classes, 0 for the others; need not add up to 1.</summary>
    /// <param name="isOne">Which classes; each has samples, and there is one at least.</param>
    public double[] Among(Func<int, bool> isOne)
    {
        var shares = new double[_shares.Length];
        var any = false;
        for (var i = 0; i < shares.Length; i++)
            if (isOne(i)) any |= (shares[i] = _shares[i]) > 0;
        return any ? shares : Anew(isOne); // all of them are 0 beside the largest of all
    }

    /// <summary>The shares measured by the largest of these classes.</summary>
    private double[] Anew(Func<int, bool> isOne)
    {
        var scaled = new double[_wide.Length];
        for (var i = 0; i < scaled.Length; i++)
            scaled[i] = isOne(i) ? _alpha * _wide[i] + _narrow[i] / _weights[i] : double.NegativeInfinity;
        var largest = scaled.Max();
        return Array.ConvertAll(scaled, s => Math.Exp((s - largest) / _alpha));
    }
}
