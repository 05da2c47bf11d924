using System.Diagnostics;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.ClientCli.Benchmarking.Probes;

/// <summary>Bytes that the exact mean takes in beside those that a mere read of the same vectors takes in; both on one thread.</summary>
internal static class ExactMeanRate
{
    private const int Vectors = 100;
    private const int Length = 1_663_370; // the parameters of the cnn
    private const int Repetitions = 5;

    /// <summary>Measures both in turn.</summary>
    /// <returns>Medians, in 10^9 bytes a second.</returns>
    public static (double Mean, double Read) Measure()
    {
        var stream = new Seeds(1).Stream("benchmark");
        (ParameterVector Vector, double Weight)[] terms = [.. Enumerable.Range(0, Vectors).Select(i => (Draw(stream), 500.0 + i))];
        var (means, reads) = (new List<double>(), new List<double>());
        for (var i = 0; i <= Repetitions; i++)
        {
            var read = Rate(() => terms.Sum(t => MemoryReadRate.Sum(t.Vector.Span)));
            var mean = Rate(() => ExactSum.WeightedMean(terms).Span[0]);
            if (i == 0) continue; // code is compiled, memory is touched
            reads.Add(read);
            means.Add(mean);
        }
        return (means.Order().ElementAt(Repetitions / 2), reads.Order().ElementAt(Repetitions / 2));
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
