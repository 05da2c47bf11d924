using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Orleans.FL.ClientCli.Benchmarking.Probes;

/// <summary>How fast memory is read: the limit of whatever takes in many vectors.</summary>
internal static class MemoryReadRate
{
    private const int Floats = 32 << 20; // 128 MiB a thread, beyond any cache
    private const double Seconds = 0.5;

    /// <summary>Reads on some threads at once.</summary>
    /// <param name="threads">How many.</param>
    /// <returns>Bytes a second of all threads, in 10^9.</returns>
    public static double Measure(int threads)
    {
        using var start = new Barrier(threads);
        var rates = new double[threads];
        var workers = Enumerable.Range(0, threads)
            .Select(i => new Thread(() => rates[i] = OnThisThread(start))).ToArray();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) worker.Join();
        return rates.Sum();
    }

    /// <summary>
    /// The sum of some values in no order to speak of: reads each once and does next to nothing with it.
    /// </summary>
    /// <param name="values">The values; the last few may be left out.</param>
    public static float Sum(ReadOnlySpan<float> values)
    {
        var (a, b, c, d) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        for (var i = 0; i <= vectors.Length - 4; i += 4)
        {
            a += vectors[i];
            b += vectors[i + 1];
            c += vectors[i + 2];
            d += vectors[i + 3];
        }
        return Vector.Sum(a + b + c + d);
    }

    private static double OnThisThread(Barrier start)
    {
        var values = new float[Floats];
        values.AsSpan().Fill(1);
        var sum = Sum(values);
        start.SignalAndWait();
        var clock = Stopwatch.StartNew();
        var reads = 0;
        for (; clock.Elapsed.TotalSeconds < Seconds; reads++) sum += Sum(values);
        var rate = reads * (double)sizeof(float) * Floats / clock.Elapsed.TotalSeconds / 1e9;
        return sum > 0 ? rate : double.NaN; // the sum is used, so that it is computed
    }
}
