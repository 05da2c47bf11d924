using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Learning.Training.Lanes;

namespace Orleans.FL.Grains.Times;

/// <summary>The meter <c>Orleans.FL</c> of this silo; <c>docs/operations.md</c> lists its instruments.</summary>
/// <remarks>Rounds and phases are counted on the silo that coordinates the run; lanes and bytes on each silo.</remarks>
internal sealed class SiloMeter : IHostedService
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "Orleans.FL";

    private readonly Meter _meter;
    private readonly TrainingLanes _lanes;
    private readonly SiloTraffic _traffic;
    private readonly Counter<long> _rounds;
    private readonly Counter<long> _clients;
    private readonly Counter<long> _samples;
    private readonly Counter<double> _operations;
    private readonly Histogram<double> _phases;

    /// <summary>Makes the meter with what is counted as it happens.</summary>
    /// <param name="meters">Makes meters; disposes them, too.</param>
    /// <param name="lanes">The silo's lanes.</param>
    /// <param name="traffic">Its bytes.</param>
    public SiloMeter(IMeterFactory meters, TrainingLanes lanes, SiloTraffic traffic)
    {
        (_meter, _lanes, _traffic) = (meters.Create(Name), lanes, traffic);
        _rounds = _meter.CreateCounter<long>("orleans_fl.rounds", "{round}",
            "Rounds done, those that were done again included.");
        _clients = _meter.CreateCounter<long>("orleans_fl.clients", "{client}",
            "Nodes that trained, once for each round.");
        _samples = _meter.CreateCounter<long>("orleans_fl.samples", "{sample}", "Samples trained on, once an epoch.");
        _operations = _meter.CreateCounter<double>("orleans_fl.operations", "{operation}",
            "Floating-point operations of training, counted from the models.");
        _phases = _meter.CreateHistogram<double>("orleans_fl.phase.duration", "s",
            "Time that a run was in a phase, once for each round.");
    }

    /// <summary>Adds what is looked up when somebody asks; a silo that has done nothing yet has these, too.</summary>
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _meter.CreateObservableUpDownCounter("orleans_fl.lanes", () => _lanes.Count, "{lane}", "Training lanes.");
        _meter.CreateObservableUpDownCounter("orleans_fl.lanes.busy", () => _lanes.Busy, "{lane}", "Lanes at work.");
        _meter.CreateObservableGauge("orleans_fl.lanes.peak", () => _lanes.PeakGflops is { } peak
            ? [new Measurement<double>(peak * 1e9)]
            : Array.Empty<Measurement<double>>(),
            "{operation}/s", "Floating-point operations a second that the lanes could do at best.");
        _meter.CreateObservableUpDownCounter("orleans_fl.lanes.queued", () => _lanes.Queued, "{job}",
            "Jobs that wait for a lane.");
        _meter.CreateObservableCounter("orleans_fl.lanes.time", LaneTimes, "s",
            "Time that lanes worked, added up over lanes.");
        _meter.CreateObservableCounter("orleans_fl.bytes.sent", () => Bytes(t => t.PayloadSent, t => t.ControlSent),
            "By", "Bytes sent to other silos and clients.");
        _meter.CreateObservableCounter("orleans_fl.bytes.received",
            () => Bytes(t => t.PayloadReceived, t => t.ControlReceived), "By",
            "Bytes received from other silos and clients.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A round is done.</summary>
    /// <param name="clients">Nodes that trained.</param>
    /// <param name="samples">Samples that they trained on.</param>
    /// <param name="operations">Floating-point operations of that; null if the model does not report them.</param>
    public void Round(int clients, long samples, double? operations)
    {
        if (operations is { } known) _operations.Add(known);
        _rounds.Add(1);
        _clients.Add(clients);
        _samples.Add(samples);
    }

    /// <summary>A run was in a phase.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="seconds">How long.</param>
    public void Phase(string phase, double seconds) =>
        _phases.Record(seconds, new KeyValuePair<string, object?>("phase", phase));

    private IEnumerable<Measurement<double>> LaneTimes() => Enum.GetValues<LaneWork>().Select(kind =>
        new Measurement<double>(_lanes.TimeOf(kind).TotalSeconds,
            new KeyValuePair<string, object?>("work", kind.ToString().ToLowerInvariant())));

    private IEnumerable<Measurement<long>> Bytes(
        Func<Interfaces.Traffic, long> payload, Func<Interfaces.Traffic, long> control)
    {
        var now = _traffic.Now;
        yield return new Measurement<long>(payload(now), new KeyValuePair<string, object?>("kind", "payload"));
        yield return new Measurement<long>(control(now), new KeyValuePair<string, object?>("kind", "control"));
    }
}
