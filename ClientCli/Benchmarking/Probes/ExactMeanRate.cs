using System.Diagnostics;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.ClientCli.Benchmarking.Probes;

/// <summary>
/// Bytes that the exact mean takes in beside those that a mere read of the same vectors takes in; both on one thread.
/// </summary>
/// <remarks>
/// Each mean is a new vector, as a server's is. The first dozens get memory that the process has not had before, which
/// on a virtual machine takes as long as the summing; later ones get what the collector has given back, as in all but
/// the first rounds of a run. Those are measured.
/// </remarks>
internal static class ExactMeanRate
{
    private const int Vectors = 100;
    private const int Length = 1_663_370; // the parameters of the cnn
    private const int Before = 60; // some 400 MB of means: the collector has been there
    private const int Repetitions = 25;

    /// <summary>Measures both in turn: each mean is compared with the read right before it.</summary>
    /// <returns>The median of the reads in 10^9 bytes a second, and that times the median of the quotients.</returns>
    public static (double Mean, double Read) Measure()
    {
        var stream = new Seeds(1).Stream("benchmark");
        (ParameterVector Vector, double Weight)[] terms =
            [.. Enumerable.Range(0, Vectors).Select(i => (Draw(stream), 500.0 + i))];
        for (var i = 0; i < Before; i++) ExactSum.WeightedMean(terms);
        var pairs = new (double Read, double Share)[Repetitions];
        for (var i = -1; i < Repetitions; i++)
        {
            var read = Rate(() => terms.Sum(t => MemoryReadRate.Sum(t.Vector.Span)));
            var mean = Rate(() => ExactSum.WeightedMean(terms).Span[0]);
            if (i >= 0) pairs[i] = (read, mean / read); // the code is compiled then
        }
        var median = pairs.Select(p => p.Read).Order().ElementAt(Repetitions / 2);
        return (median * pairs.Select(p => p.Share).Order().ElementAt(Repetitions / 2), median);
    }

    private static double Rate(Func<float> work)
    {
        var start = Stopwatch.GetTimestamp();
        var result = work();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return float.IsFinite(result) ? Vectors * (double)sizeof(float) * Length / seconds / 1e9 : double.NaN;
    }

    private static ParameterVector Draw(RandomStream stream)
    {
        var values = new float[Length];
        foreach (ref var value in values.AsSpan()) value = stream.NextSingle() - 0.5f;
        return ParameterVector.Own(values);
    }
}
