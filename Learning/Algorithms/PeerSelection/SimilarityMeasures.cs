namespace Orleans.FL.Learning.Algorithms.PeerSelection;

/// <summary>How alike two sets of representations of the same samples are.</summary>
public static class SimilarityMeasures
{
    /// <summary>
    /// Linear centred kernel alignment (Kornblith et al. 2019): ‖YᵀX‖² / (‖XᵀX‖·‖YᵀY‖) of centred X and Y, 0 … 1
    /// whatever their scale and rotation; 0 if one of them is constant.
    /// </summary>
    /// <param name="x">Representations of one model, one array a sample.</param>
    /// <param name="y">Those of the other.</param>
    public static double KernelAlignment(double[][] x, double[][] y)
    {
        var (a, b) = (Centred(x), Centred(y));
        var norms = Math.Sqrt(CrossNorm(a, a)) * Math.Sqrt(CrossNorm(b, b));
        return norms == 0 ? 0 : Math.Clamp(CrossNorm(a, b) / norms, 0, 1);
    }

    /// <summary>
    /// Distance correlation (Székely, Rizzo, Bakirov 2007): how far pairs of samples apart in one are so in the other,
    /// 0 … 1 whatever their scale and rotation; 0 if one of them is constant.
    /// </summary>
    /// <param name="x">Representations of one model, one array a sample.</param>
    /// <param name="y">Those of the other.</param>
    public static double DistanceCorrelation(double[][] x, double[][] y)
    {
        var (a, b) = (CentredDistances(x), CentredDistances(y));
        double ab = 0, aa = 0, bb = 0;
        for (var i = 0; i < x.Length; i++)
            for (var j = 0; j < x.Length; j++)
            {
                ab += a[i][j] * b[i][j];
                aa += a[i][j] * a[i][j];
                bb += b[i][j] * b[i][j];
            }
        var norm = Math.Sqrt(aa) * Math.Sqrt(bb);
        return norm == 0 ? 0 : Math.Clamp(Math.Sqrt(Math.Max(0, ab) / norm), 0, 1);
    }

    /// <summary>The mean over samples of KL(p ‖ q), in nats: what is lost if p holds and q is assumed.</summary>
    /// <param name="p">Log-probabilities of one model, one array a sample.</param>
    /// <param name="q">Those of the other.</param>
    public static double Divergence(double[][] p, double[][] q) =>
        p.Zip(q, (sample, other) => sample.Zip(other, (a, b) => Math.Exp(a) * (a - b)).Sum()).Average();

    /// <summary>Σ (a − b)² over all values.</summary>
    /// <param name="x">Representations of one model, one array a sample.</param>
    /// <param name="y">Those of the other.</param>
    public static double SquaredDistance(double[][] x, double[][] y) =>
        x.Zip(y, (sample, other) => sample.Zip(other, (a, b) => (a - b) * (a - b)).Sum()).Sum();

    /// <summary>
    /// Σ (dₖ − eₖ)² over those k of whom both found something: how differently two nodes see the others.
    /// </summary>
    /// <param name="mine">How far others are from the one, by rank.</param>
    /// <param name="theirs">How far others are from the other.</param>
    /// <returns>0 or more; null if there is no such k.</returns>
    public static double? Disagreement(IReadOnlyDictionary<int, double> mine, IReadOnlyDictionary<int, double> theirs)
    {
        var both = mine.Keys.Where(theirs.ContainsKey).Order().ToList();
        return both.Count == 0 ? null : both.Sum(k => (mine[k] - theirs[k]) * (mine[k] - theirs[k]));
    }

    private static double[][] Centred(double[][] rows)
    {
        if (rows.Length == 0) return rows;
        var means = Enumerable.Range(0, rows[0].Length).Select(c => rows.Average(r => r[c])).ToArray();
        return [.. rows.Select(r => r.Select((v, c) => v - means[c]).ToArray())];
    }

    /// <summary>‖YᵀX‖² (Frobenius).</summary>
    private static double CrossNorm(double[][] x, double[][] y)
    {
        var sum = 0.0;
        if (x.Length == 0) return sum;
        for (var p = 0; p < x[0].Length; p++)
            for (var q = 0; q < y[0].Length; q++)
            {
                var dot = 0.0;
                for (var i = 0; i < x.Length; i++) dot += x[i][p] * y[i][q];
                sum += dot * dot;
            }
        return sum;
    }

    /// <summary>Distances of all pairs, less the means of row and column, plus that of all.</summary>
    private static double[][] CentredDistances(double[][] rows)
    {
        var distances = Array.ConvertAll(rows, _ => new double[rows.Length]);
        for (var i = 0; i < rows.Length; i++)
            for (var j = 0; j < i; j++)
                distances[i][j] = distances[j][i] = Distance(rows[i], rows[j]);
        var means = distances.Select(d => d.Average()).ToArray();
        var all = means.Length == 0 ? 0 : means.Average();
        return [.. distances.Select((row, i) => row.Select((d, j) => d - means[i] - means[j] + all).ToArray())];
    }

    private static double Distance(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var k = 0; k < a.Length; k++) sum += (a[k] - b[k]) * (a[k] - b[k]);
        return Math.Sqrt(sum);
    }
}
