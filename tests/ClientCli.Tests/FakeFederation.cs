using System.Runtime.CompilerServices;
using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Silo.Options;

namespace Orleans.FL.ClientCli.Tests;

/// <summary>A federation of one run, whose events are given.</summary>
internal sealed class FakeFederation : IFederation
{
    /// <summary>What each watching does in turn; the last one is repeated.</summary>
    public List<Func<long, CancellationToken, IAsyncEnumerable<RunEvent>>> Watches { get; } = [];

    public List<string> Calls { get; } = [];

    public Registration Registration { get; set; } = new(Sample.Run, Sample.Folder, []);

    public RunStatus[] Runs { get; set; } = [Sample.Status(RunState.Running)];

    public bool Disposed { get; private set; }

    public string Name => "the silo at test:1";

    public Uri? Dashboard => null;

    public Task<Registration> Register(string experiment, string? run) => Answer($"register {run}", Registration);

    public Task<RunStatus[]> List() => Task.FromResult(Runs);

    public Task<RunStatus?> Find(string run) => Task.FromResult(Runs.FirstOrDefault(r => r.Run == run));

    public Task<RunStatus> Start(string run) => Answer($"start {run}", Sample.Status(RunState.Seating));

    public Task<RunStatus> Pause(string run) => Answer($"pause {run}", Sample.Status(RunState.Running));

    public Task<RunStatus> Resume(string run) => Answer($"resume {run}", Sample.Status(RunState.Running));

    public Task<RunStatus> Stop(string run) => Answer($"stop {run}", Sample.Status(RunState.Stopped));

    public SiloReport[] SiloReports { get; set; } = [];

    public MemberAnswer MemberAnswer { get; set; } = new(new MemberChange(3, [4], []), []);

    public Task<SiloReport[]> Silos() => Answer("silos", SiloReports);

    public Task<Seat[]> Seats(string run) => Answer($"seats {run}", new[] { new Seat("node-0000", 0, "a", "cpu", 60) });

    public Task<MemberAnswer> ChangeMembers(string run, int[] add, int[] remove) =>
        Answer($"members {run} +{string.Join(',', add)} -{string.Join(',', remove)}", MemberAnswer);

    public IAsyncEnumerable<RunEvent> Watch(string run, long from, CancellationToken cancellation)
    {
        Calls.Add($"watch {run} {from}");
        var watch = Watches[0];
        if (Watches.Count > 1) Watches.RemoveAt(0);
        return watch(from, cancellation);
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }

    /// <summary>Watches the events from a sequence number on, then ends or breaks.</summary>
    /// <param name="events">The events.</param>
    /// <param name="failure">Thrown after the last event; null to end there.</param>
    public FakeFederation Plays(IReadOnlyList<RunEvent> events, Exception? failure = null)
    {
        Watches.Add((from, cancellation) => Play(events.SkipWhile(e => e.Sequence < from), failure, cancellation));
        return this;
    }

    /// <summary>Watches the events and then waits for the end of the watching.</summary>
    /// <param name="events">The events.</param>
    public FakeFederation Hangs(params RunEvent[] events)
    {
        Watches.Add((from, cancellation) => Hang(events.SkipWhile(e => e.Sequence < from), cancellation));
        return this;
    }

    private static async IAsyncEnumerable<RunEvent> Play(
        IEnumerable<RunEvent> events, Exception? failure, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var e in events)
        {
            await Task.Yield();
            cancellation.ThrowIfCancellationRequested();
            yield return e;
        }
        if (failure is not null) throw failure;
    }

    private static async IAsyncEnumerable<RunEvent> Hang(
        IEnumerable<RunEvent> events, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var e in events) yield return e;
        await Task.Delay(Timeout.Infinite, cancellation);
    }

    private Task<T> Answer<T>(string call, T answer)
    {
        Calls.Add(call);
        return Task.FromResult(answer);
    }
}

/// <summary>Gives one federation, or none.</summary>
/// <param name="federation">The federation; null if no silo answers.</param>
internal sealed class FakeFederations(FakeFederation? federation) : IFederations
{
    public List<string> Calls { get; } = [];

    public Task<IFederation> Connect(ClusterTarget target, Action<string>? slow, CancellationToken cancellation)
    {
        Calls.Add($"connect {target.Place}");
        return federation is null
            ? throw new FederationException($"No silo answers at {target.Place}.")
            : Task.FromResult<IFederation>(federation);
    }

    public Task<IFederation> Embed(SiloOptions options, Component<Dataset>? soon, CancellationToken cancellation)
    {
        Calls.Add($"embed {options.Runs} {options.Lanes}");
        return Task.FromResult<IFederation>(federation!);
    }
}
