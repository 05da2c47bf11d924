using System.Net;
using Orleans.FL.Grains.Placement;

namespace Orleans.FL.Grains.Tests;

/// <summary>Silos that come and go as a test says, of one lane each.</summary>
internal sealed class FakeSilos : ISiloView
{
    private readonly SortedDictionary<string, SiloAddress> _silos = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SiloAddress> _held = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _generation;

    public FakeSilos(params string[] names)
    {
        foreach (var name in names) Add(name);
        foreach (var (name, address) in _silos) _held[name] = address;
    }

    public string Here => _silos.Keys.First();

    public Task Changed => _changed.Task;

    public IReadOnlyList<SiloPlace> Silos => [.. _silos.Select(s => new SiloPlace(s.Key, s.Value, 1, []))];

    /// <summary>The silos of the beginning, with the addresses that they had then.</summary>
    public IEnumerable<KeyValuePair<string, SiloAddress>> Held => _held;

    public SiloAddress? AddressOf(string name) => _silos.GetValueOrDefault(name);

    /// <summary>A silo comes, or comes back as another one of that name.</summary>
    public void Add(string name)
    {
        _silos[name] = SiloAddress.New(IPAddress.Loopback, 11111, ++_generation);
        Signal();
    }

    /// <summary>A silo goes.</summary>
    public void Remove(string name)
    {
        _silos.Remove(name);
        Signal();
    }

    private void Signal()
    {
        var changed = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }
}
