using System.Diagnostics;
using System.Runtime.InteropServices;
using Orleans.FL.ClientCli.Benchmarking.Probes;

namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>What a program cost.</summary>
/// <param name="Wall">Seconds from its start to its end.</param>
/// <param name="Cpu">Processor seconds, user and system, of the program and all its threads.</param>
/// <param name="PeakRss">Largest resident memory, in bytes.</param>
/// <param name="OtherCores">Cores that other programs used meanwhile, on average.</param>
/// <param name="LastLine">The last line that it printed.</param>
internal sealed record Cost(double Wall, double Cpu, long PeakRss, double OtherCores, string LastLine);

/// <summary>Runs programs, one at a time, and measures them. Linux only: reads /proc and asks getrusage.</summary>
internal static partial class Meter
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on all Linux machines that .NET runs on

    private const int Stolen = 8; // in the first line of /proc/stat, where the name is 0

    /// <summary>Runs a program to its end.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="receive">Receives each line of standard output as it comes, with the seconds since the start; may
    /// be null.</param>
    /// <param name="cancellation">Ends the program and all that it started.</param>
    /// <exception cref="MeasurementException">It failed; holds what it said.</exception>
    public static async Task<Cost> Run(
        IReadOnlyList<string> command, Action<string, double>? receive = null, CancellationToken cancellation = default)
    {
        var (cpu, busy) = (ChildrenCpu(), BusyCpu());
        var clock = Stopwatch.StartNew();
        using var process = Start(command);
        await using var ending = cancellation.UnsafeRegister(_ => process.Kill(entireProcessTree: true), null);
        var last = "";
        var complaints = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var memory = WatchMemory(process);
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            receive?.Invoke(line, clock.Elapsed.TotalSeconds);
            last = line;
        }
        await process.WaitForExitAsync(CancellationToken.None);
        var wall = clock.Elapsed.TotalSeconds;
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0) throw Failure(command, process.ExitCode, await complaints);
        var own = ChildrenCpu() - cpu;
        return new Cost(wall, own, await memory, Math.Max(0, (BusyCpu() - busy - own) / wall), last);
    }

    /// <summary>Runs a program several times at once.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="times">How many.</param>
    /// <param name="cancellation">Ends them.</param>
    /// <returns>The last line that each printed.</returns>
    /// <exception cref="MeasurementException">One of them failed; holds what it said.</exception>
    public static Task<string[]> RunAtOnce(IReadOnlyList<string> command, int times, CancellationToken cancellation) =>
        Task.WhenAll(Enumerable.Range(0, times).Select(async _ => (await Run(command, null, cancellation)).LastLine));

    private static Process Start(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        return Process.Start(start) ?? throw new MeasurementException($"{command[0]} did not start.");
    }

    private static MeasurementException Failure(IReadOnlyList<string> command, int code, string complaints) =>
        new($"{string.Join(' ', command)} ended with {code}: {complaints.Trim()}");

    /// <summary>
    /// The high-water mark only rises, so the last reading before the end is the peak except the last 50 ms.
    /// </summary>
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
                peak = Math.Max(peak,
                    1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1]));
            }
            catch (Exception e) when (e is IOException or DirectoryNotFoundException or UnauthorizedAccessException)
            {
                return peak;
            }
        }
        return peak;
    }

    /// <summary>
    /// Processor seconds of all programs of the machine since it started, user, nice and system, and those that a
    /// virtual machine's host gave to others.
    /// </summary>
    private static double BusyCpu()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (fields[1..4].Sum(double.Parse) + double.Parse(fields[Stolen])) / TicksPerSecond;
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

/// <summary>A run took longer than it may.</summary>
/// <param name="message">How long, and what sets the limit.</param>
internal sealed class GivenUpException(string message) : Exception(message);
