using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Codecs;

namespace Orleans.FL.Benchmarks.Transfer;

/// <summary>
/// Measures on the reading silo: transfers beside raw copies, calls meanwhile, memory of both processes.
/// </summary>
/// <param name="services">The silo's services.</param>
/// <param name="raw">Where raw copies come from.</param>
/// <param name="output">Where rows of the table go.</param>
internal sealed class TransferMeasurement(IServiceProvider services, IPEndPoint raw, TextWriter output)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);

    private readonly UpdateReader _reader = services.GetRequiredService<UpdateReader>();
    private readonly IProbeGrain _probe = services.GetRequiredService<IGrainFactory>()
        .GetGrain<IProbeGrain>(TransferSilo.Publisher);

    /// <summary>Measures each size.</summary>
    /// <param name="repeats">Transfers of each size.</param>
    /// <param name="megabytes">Sizes, in 10^6 bytes.</param>
    public async Task Run(int repeats, int[] megabytes)
    {
        foreach (var size in megabytes)
        {
            var values = size * 1_000_000 / sizeof(float);
            var (moves, copies, pings) = (new List<double>(), new List<double>(), new List<double>());
            var quiet = await Pings(Task.Delay(500));
            // not counted: code is compiled and compiled anew, memory is touched
            for (var warm = Stopwatch.StartNew(); warm.Elapsed < WarmUp;)
            {
                await Move(values, []);
                await RawCopy.Read(raw, values);
            }
            for (var i = 0; i < repeats; i++)
            {
                moves.Add(await Move(values, pings));
                var start = Stopwatch.GetTimestamp();
                await RawCopy.Read(raw, values);
                copies.Add(size / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            var (mine, theirs) = await Memory(values);
            var ratio = moves.Zip(copies, (m, c) => m / c).Order().ElementAt(repeats / 2);
            await output.WriteLineAsync($"| {size} | {At(moves, 0.5):F0} | {At(copies, 0.5):F0} | {ratio:F2} | "
                + $"{At(quiet, 0.5):F2} / {At(quiet, 0.99):F2} | {At(pings, 0.5):F2} / {At(pings, 0.99):F2} | "
                + $"{theirs / 1048576.0:F0} | {mine / 1048576.0:F0} |");
        }
    }

    /// <summary>Megabytes a second of one transfer; adds the milliseconds of the calls made meanwhile.</summary>
    private async Task<double> Move(int values, List<double> pings)
    {
        _reader.Trim(TransferSilo.RunId, int.MaxValue);
        await _probe.Publish(values);
        var start = Stopwatch.GetTimestamp();
        var move = Task.Run(() => _reader.Get(UpdateAddress.InExchange(TransferSilo.RunId, 0, values, 0, 0),
            UpdateFormat.Plain(new(values, [])), CancellationToken.None));
        var calls = Task.Run(() => Pings(move));
        await move;
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        pings.AddRange(await calls);
        return values * sizeof(float) / 1e6 / seconds;
    }

    private async Task<List<double>> Pings(Task until)
    {
        var times = new List<double>();
        while (!until.IsCompleted)
        {
            var start = Stopwatch.GetTimestamp();
            await _probe.Ping();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await Task.Delay(1);
        }
        return times;
    }

    /// <summary>What a transfer takes beyond the vectors, here and at the publisher.</summary>
    private async Task<(long Mine, long Theirs)> Memory(int values)
    {
        _reader.Trim(TransferSilo.RunId, int.MaxValue);
        await _probe.Publish(values);
        await _probe.WatchMemory();
        var before = Resident.Watch();
        await _reader.Get(UpdateAddress.InExchange(TransferSilo.RunId, 0, values, 0, 0),
            UpdateFormat.Plain(new(values, [])), CancellationToken.None);
        return (Resident.Peak() - before - (long)values * sizeof(float), await _probe.ExtraMemory());
    }

    private static double At(List<double> values, double part) =>
        values.Order().ElementAt(Math.Min(values.Count - 1, (int)(values.Count * part)));
}
