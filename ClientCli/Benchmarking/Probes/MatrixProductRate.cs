using System.Diagnostics;
using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Training.TorchLoading;
using static TorchSharp.torch;

namespace Orleans.FL.ClientCli.Benchmarking.Probes;

/// <summary>What the machine gives to who multiplies large matrices: the limit that training is measured by.</summary>
internal static class MatrixProductRate
{
    private const int Size = 1024;
    private const double Seconds = 1;

    /// <summary>Multiplies on some threads at once, each with one thread of libtorch's, as lanes have.</summary>
    /// <param name="threads">How many.</param>
    /// <returns>Floating-point operations a second of all threads, in 10^9.</returns>
    public static double Measure(int threads)
    {
        TorchRuntime.EnsureLoaded();
        using var start = new Barrier(threads);
        var rates = new double[threads];
        var workers = Enumerable.Range(0, threads)
            .Select(i => new Thread(() => rates[i] = OnThisThread(start))).ToArray();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) worker.Join();
        return rates.Sum();
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // nothing may touch torch before it is loaded
    private static double OnThisThread(Barrier start)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        set_num_threads(1);
        var (left, right) = (rand(Size, Size), rand(Size, Size));
        for (var i = 0; i < 3; i++) left.mm(right).Dispose();
        start.SignalAndWait();
        var clock = Stopwatch.StartNew();
        var products = 0;
        for (; clock.Elapsed.TotalSeconds < Seconds; products++) left.mm(right).Dispose();
        return products * 2.0 * Size * Size * Size / clock.Elapsed.TotalSeconds / 1e9;
    }
}
