using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Orleans.FL.ClientCli.Benchmarking.Probes;

/// <summary>How fast a process gets memory that it has not had before: the limit of a run that grows.</summary>
/// <remarks>
/// On a virtual machine a page may have to come from the host, which can cost a hundred times what writing to it does.
/// </remarks>
internal static class NewMemoryRate
{
    private const int BytesPerThread = 96 << 20;

    /// <summary>Touches each page of new memory once, on some threads at once.</summary>
    /// <param name="threads">How many.</param>
    /// <returns>Bytes a second of all threads, in 10^9.</returns>
    public static double Measure(int threads)
    {
        using var start = new Barrier(threads + 1);
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() => Touch(start))).ToArray();
        foreach (var worker in workers) worker.Start();
        start.SignalAndWait();
        var clock = Stopwatch.StartNew();
        foreach (var worker in workers) worker.Join();
        return threads * (double)BytesPerThread / clock.Elapsed.TotalSeconds / 1e9;
    }

    private static unsafe void Touch(Barrier start)
    {
        var memory = (byte*)NativeMemory.Alloc(BytesPerThread);
        start.SignalAndWait();
        for (var i = 0; i < BytesPerThread; i += Environment.SystemPageSize) memory[i] = 1;
        NativeMemory.Free(memory);
    }
}
