using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Orleans.FL.Benchmarks.Runs;

/// <summary>What a program cost.</summary>
/// <param name="FirstStep">Seconds from its start to the line that <see cref="Meter"/> looked for; NaN if it did not come.</param>
/// <param name="Wall">Seconds from its start to its end.</param>
/// <param name="Cpu">Processor seconds, user and system, of the program and all its threads.</param>
/// <param name="PeakRss">Largest resident memory, in bytes.</param>
/// <param name="OtherCores">Cores that other programs used meanwhile, on average.</param>
/// <param name="LastLine">The last line that it printed.</param>
internal sealed record Cost(double FirstStep, double Wall, double Cpu, long PeakRss, double OtherCores, string LastLine);

/// <summary>Runs programs, one at a time, and measures them. Linux only: reads /proc and asks getrusage.</summary>
internal static partial class Meter
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on all Linux machines that .NET runs on

    /// <summary>Runs a program to its end.</summary>
    /// <param name="arguments">Program and arguments.</param>
    /// <param name="mark">Text of the line of standard output whose time is wanted.</param>
    /// <exception cref="MeasurementException">It failed; holds what it said.</exception>
    public static async Task<Cost> Run(IReadOnlyList<string> arguments, string mark)
    {
        var start = new ProcessStartInfo(arguments[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments.Skip(1)) start.ArgumentList.Add(argument);
        var (cpu, busy) = (ChildrenCpu(), BusyCpu());
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start) ?? throw new MeasurementException($"{arguments[0]} did not start.");
        var (first, last) = (double.NaN, "");
        var complaints = process.StandardError.ReadToEndAsync();
        var memory = WatchMemory(process);
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (double.IsNaN(first) && line.Contains(mark, StringComparison.Ordinal)) first = clock.Elapsed.TotalSeconds;
            last = line;
        }
        await process.WaitForExitAsync();
        var wall = clock.Elapsed.TotalSeconds;
        if (process.ExitCode != 0)
            throw new MeasurementException($"{string.Join(' ', arguments)} ended with {process.ExitCode}: {(await complaints).Trim()}");
        var own = ChildrenCpu() - cpu;
        return new Cost(first, wall, own, await memory, Math.Max(0, (BusyCpu() - busy - own) / wall), last);
    }

    /// <summary>The high-water mark only rises, so the last reading before the end is the peak but for the last 50 ms.</summary>
    private static async Task<long> WatchMemory(Process process)
    {
        var (peak, file) = (0L, $"/proc/{process.Id}/status");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await timer.WaitForNextTickAsync())
        {
            try
            {
                var line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
                if (line is null) return peak; // it has ended and waits to be reaped
                peak = Math.Max(peak, 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1]));
            }
            catch (Exception e) when (e is IOException or DirectoryNotFoundException or UnauthorizedAccessException)
            {
                return peak;
            }
        }
        return peak;
    }

    /// <summary>Processor seconds of all programs of the machine since it started, user, nice and system.</summary>
    private static double BusyCpu()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields[1..4].Sum(double.Parse) / TicksPerSecond;
    }

    /// <summary>Processor seconds of the programs that this one started and that have ended.</summary>
    private static double ChildrenCpu()
    {
        const int children = -1;
        Span<long> usage = stackalloc long[32]; // two timevals (seconds, microseconds), then counters
        return GetUsage(children, ref MemoryMarshal.GetReference(usage)) == 0
            ? usage[0] + usage[2] + (usage[1] + usage[3]) / 1e6
            : throw new MeasurementException("getrusage failed.");
    }

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    private static partial int GetUsage(int who, ref long usage);
}

/// <summary>A measurement could not be taken.</summary>
/// <param name="message">Why.</param>
internal sealed class MeasurementException(string message) : Exception(message);
