using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Algorithms.PeerSelection;

/// <summary>Clusters of points of which only the squared distances of each two are known.</summary>
public static class PairwiseClusters
{
    private const int Iterations = 200;

    /// <summary>
    /// k-means (Lloyd 1982) from centres that are drawn far apart (k-means++, Arthur and Vassilvitskii 2007).
    /// </summary>
    /// <remarks>
    /// ‖x − mean of C‖² is the mean of the squared distances of x to C's points, less half of the mean of
    /// those among them.
    /// </remarks>
    /// <param name="squared">Squared Euclidean distances.</param>
    /// <param name="clusters">Most clusters; there are fewer where fewer points differ.</param>
    /// <param name="stream">Draws the first centres.</param>
    /// <returns>The cluster of each point.</returns>
    public static int[] KMeans(double[][] squared, int clusters, RandomStream stream)
    {
        var centres = new List<int> { stream.NextInt(squared.Length) };
        while (centres.Count < clusters)
        {
            var apart = squared.Select(row => centres.Min(c => row[c])).ToArray();
            if (!(apart.Sum() > 0)) break;
            var drawn = stream.NextDouble() * apart.Sum();
            var next = Array.FindIndex(apart, a => (drawn -= a) < 0);
            centres.Add(next < 0 ? Array.FindLastIndex(apart, a => a > 0) : next);
        }
        var labels = squared.Select(row => Least(centres.Count, c => row[centres[c]])).ToArray();
        for (var i = 0; i < Iterations; i++)
        {
            var members = Enumerable.Range(0, centres.Count)
                .Select(c => Enumerable.Range(0, labels.Length).Where(p => labels[p] == c).ToArray()).ToArray();
            // NaN for an empty one
            var within = members
                .Select(m => m.Sum(p => m.Sum(q => squared[p][q])) / (2.0 * m.Length * m.Length)).ToArray();
            var after = squared.Select(row =>
                Least(centres.Count, c => members[c].Sum(p => row[p]) / members[c].Length - within[c])).ToArray();
            if (after.SequenceEqual(labels)) break;
            labels = after;
        }
        return labels;
    }

    /// <summary>
    /// Affinity propagation (Frey and Dueck 2007) of negative squared distances, damped by ½, each point preferred as
    /// the median of these.
    /// </summary>
    /// <remarks>
    /// Of points that are as good the first is preferred by a millionth. Where nothing comes of it there is
    /// one cluster.
    /// </remarks>
    /// <param name="squared">Squared distances.</param>
    /// <returns>The cluster of each point: the place of its exemplar.</returns>
    public static int[] AffinityPropagation(double[][] squared)
    {
        var n = squared.Length;
        if (n < 2) return new int[n];
        var similarity = Similarities(squared);
        var (responsibility, availability) = (new double[n, n], new double[n, n]);
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            for (var i = 0; i < n; i++)
                for (var k = 0; k < n; k++)
                {
                    var rival = double.NegativeInfinity;
                    for (var j = 0; j < n; j++)
                        if (j != k) rival = Math.Max(rival, availability[i, j] + similarity[i][j]);
                    responsibility[i, k] = (responsibility[i, k] + similarity[i][k] - rival) / 2;
                }
            for (var k = 0; k < n; k++)
                for (var i = 0; i < n; i++)
                {
                    var support = 0.0;
                    for (var j = 0; j < n; j++)
                        if (j != i && j != k) support += Math.Max(0, responsibility[j, k]);
                    availability[i, k] =
                        (availability[i, k] + (i == k ? support : Math.Min(0, responsibility[k, k] + support))) / 2;
                }
        }
        var exemplars = Enumerable.Range(0, n).Where(k => responsibility[k, k] + availability[k, k] > 0).ToList();
        return exemplars.Count == 0
            ? new int[n]
            : [.. Enumerable.Range(0, n)
                .Select(i => exemplars.Contains(i) ? i : exemplars.MaxBy(k => similarity[i][k]))];
    }

    /// <summary>
    /// Clubs: what is linked, directly or by others, where each point has links to those most similar to it.
    /// </summary>
    /// <remarks>
    /// Where links must be mutual: the components of the mutual k-nearest-neighbour graph (Brito, Chávez, Quiroz,
    /// Yukich 1997).
    /// </remarks>
    /// <param name="similarity">Similarities of each two, a row a point; 0 or less is no link, nor is one to
    /// oneself.</param>
    /// <param name="size">How many links a point has at most.</param>
    /// <param name="weak">Whether a link that only one of two has counts.</param>
    /// <returns>The cluster of each point: the place of its first member.</returns>
    public static int[] Clubs(double[][] similarity, int size, bool weak)
    {
        var links = similarity.Select((row, a) => Enumerable.Range(0, row.Length).Where(b => b != a
            && row[b] > 0).OrderByDescending(b => row[b]).Take(size).ToHashSet()).ToArray();
        var labels = new int[similarity.Length];
        Array.Fill(labels, -1);
        for (var first = 0; first < labels.Length; first++)
        {
            var open = new Stack<int>(labels[first] < 0 ? [first] : []);
            while (open.TryPop(out var a))
            {
                labels[a] = first;
                foreach (var b in Enumerable.Range(0, labels.Length))
                    if (labels[b] < 0 && (weak
                        ? links[a].Contains(b) || links[b].Contains(a)
                        : links[a].Contains(b) && links[b].Contains(a)))
                        open.Push(b);
            }
        }
        return labels;
    }

    private static double[][] Similarities(double[][] squared)
    {
        var n = squared.Length;
        var pairs = Enumerable.Range(0, n)
            .SelectMany(i => Enumerable.Range(0, n).Where(j => j != i).Select(j => -squared[i][j])).Order().ToArray();
        var median = (pairs[(pairs.Length - 1) / 2] + pairs[pairs.Length / 2]) / 2;
        return [.. Enumerable.Range(0, n).Select(i => Enumerable.Range(0, n)
            .Select(j => i == j ? median * (1 + 1e-6 * i) : -squared[i][j]).ToArray())];
    }

    private static int Least(int count, Func<int, double> value) =>
        Enumerable.Range(0, count).MinBy(c => value(c) is var v && double.IsNaN(v) ? double.PositiveInfinity : v);
}
