namespace Orleans.FL.Benchmarks.Transfer;

/// <summary>Resident memory of this process and its peak. Linux only: reads /proc.</summary>
internal static class Resident
{
    /// <summary>Collects garbage, sets the peak back, and gives the resident bytes.</summary>
    public static long Watch()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        File.WriteAllText("/proc/self/clear_refs", "5"); // the high-water mark begins anew
        return Status("VmRSS:");
    }

    /// <summary>The peak since then.</summary>
    public static long Peak() => Status("VmHWM:");

    private static long Status(string field) => 1024 * long.Parse(File.ReadLines("/proc/self/status")
        .First(l => l.StartsWith(field, StringComparison.Ordinal))
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1]);
}
