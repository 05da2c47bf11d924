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

    /// <summary>The peak of another process since its start.</summary>
    /// <param name="process">Its id.</param>
    public static long Peak(int process) => Status("VmHWM:", $"{process}");

    private static long Status(string field, string process = "self") => 1024 * long.Parse(File
        .ReadLines($"/proc/{process}/status")
        .First(l => l.StartsWith(field, StringComparison.Ordinal))
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1]);
}
