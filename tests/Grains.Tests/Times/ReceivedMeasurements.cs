using System.Diagnostics.Metrics;
using Orleans.FL.Grains.Times;

namespace Orleans.FL.Grains.Tests.Times;

/// <summary>Reads the meter of one silo: sums of counters, the last value of gauges.</summary>
internal sealed class ReceivedMeasurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _values = [];

    /// <summary>Starts to listen.</summary>
    /// <param name="factory">The factory of the silo's meters: other silos of this process have theirs.</param>
    public ReceivedMeasurements(IMeterFactory factory)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == SiloMeter.Name && ReferenceEquals(instrument.Meter.Scope, factory))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Receive(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Receive(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Receive(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The value of an instrument with its tags, e.g. <c>name phase=train</c>.</summary>
    public double this[string name]
    {
        get
        {
            lock (_values) return _values[name];
        }
    }

    /// <summary>The same; 0 if it has no value.</summary>
    public double Sum(string name)
    {
        lock (_values) return _values.GetValueOrDefault(name);
    }

    /// <summary>Reads the gauges.</summary>
    public void LookUp() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Receive(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name;
        foreach (var tag in tags) name += $" {tag.Key}={tag.Value}";
        lock (_values) _values[name] = instrument.IsObservable ? value : _values.GetValueOrDefault(name) + value;
    }
}
