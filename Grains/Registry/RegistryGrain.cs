using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Recording;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Records;

namespace Orleans.FL.Grains.Registry;

/// <summary>Knows the runs of the cluster, and those whose folders are on its machine from before.</summary>
/// <remarks>
/// Which runs there are and how they stand outlives all silos; who sits where is published anew by each run.
/// </remarks>
internal sealed partial class RegistryGrain(
    [PersistentState("registry", RegistryState.Storage)] IPersistentState<RegistryState> state,
    IOptions<FederationOptions> options, SiloInventory inventory, TimeProvider time, ILogger<RegistryGrain> log)
    : Grain, IRegistryGrain, IRemindable
{
    private const int LongestName = 100;
    private const int MostEnded = 1000;
    private const string Revival = "revive";
    private static readonly TimeSpan SiloAnswersWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenRevivals = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RemindsWithin = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Dictionary<string, int>> _ranks = [];
    private readonly Dictionary<string, MemberList> _members = [];
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private Task _saved = Task.CompletedTask;
    private bool _saving;
    private bool _reminding; // as far as this activation knows: a reminder may be lost

    private Dictionary<string, RunStatus> Runs => state.State.Runs;

    public async Task<Registration> Register(string experiment, string? run)
    {
        try
        {
            var parsed = ExperimentReader.Read(experiment, []);
            var registration = run is null
                ? await RegisterFresh(experiment, parsed.Name)
                : await RegisterAs(RunId.Check(run), experiment);
            if (registration.Run is not { } id) return registration;
            Runs[id] = new RunStatus(id, parsed.Name, RunState.Registered, 0, parsed.Rounds, parsed.Nodes, 0,
                registration.Folder!, time.GetUtcNow());
            await Save();
            return registration;
        }
        catch (ExperimentException e)
        {
            return new Registration(null, null, [.. e.Errors.Select(f => f.ToString())]);
        }
    }

    public async Task<RunStatus[]> List()
    {
        var known = new Dictionary<string, RunStatus>(Runs);
        var old = await Task.Run(() => RunFolderReader.List(options.Value.RunsFolder)
            .Where(r => !known.ContainsKey(r.Id)).Select(FromFolder).ToList());
        return [.. known.Values.Concat(old).OrderByDescending(r => r.Registered)
            .ThenBy(r => r.Run, StringComparer.Ordinal)];
    }

    public Task<RunStatus?> Find(string run)
    {
        if (Runs.TryGetValue(run, out var known)) return Task.FromResult<RunStatus?>(known);
        return Task.FromResult(!RunId.IsValid(run) ? null : RunFolderReader.List(options.Value.RunsFolder)
            .Where(r => r.Id == run).Select(FromFolder).FirstOrDefault());
    }

    public Task<Seat[]> Seat(string run, string[] identities)
    {
        if (!_ranks.TryGetValue(RunId.Check(run), out var ranks)) _ranks[run] = ranks = new(StringComparer.Ordinal);
        return Task.FromResult<Seat[]>([.. identities.Select(identity =>
        {
            if (!ranks.TryGetValue(identity, out var rank)) ranks[identity] = rank = ranks.Count;
            return new Seat(identity, rank);
        })]);
    }

    public Task Publish(string run, MemberList members)
    {
        if (!_members.TryGetValue(RunId.Check(run), out var known) || known.Epoch <= members.Epoch)
            _members[run] = members;
        return Task.CompletedTask;
    }

    public Task<MemberList?> Peers(string run) => Task.FromResult(_members.GetValueOrDefault(run));

    public async Task Report(RunStatus status)
    {
        Runs.TryGetValue(RunId.Check(status.Run), out var known);
        Runs[status.Run] = known is null ? status : status with { Registered = known.Registered };
        if (status.Ended) _ranks.Remove(status.Run);
        // a round more need not outlive the silo: the journal has it
        if (known is null || known.State != status.State) await Save();
    }

    public async Task Revive()
    {
        // that one was started may not have been reported: its journal says it
        foreach (var run in Runs.Values.Where(r => !r.Ended).Select(r => r.Run).ToArray())
        {
            try
            {
                Runs[run] = await GrainFactory.GetGrain<IExperimentGrain>(run).Wake() with
                {
                    Registered = Runs[run].Registered
                };
            }
            catch (Exception e)
            {
                NotWoken(log, e, run); // the next revival tries again
            }
        }
    }

    public async Task SiloLeaves(string silo)
    {
        foreach (var run in Runs.Values.Where(r => !r.Ended).Select(r => r.Run).ToArray())
            await GrainFactory.GetGrain<IExperimentGrain>(run).SiloLeaves(silo);
    }

    public async Task<SiloReport[]> Silos()
    {
        var reports = await Task.WhenAll(inventory.Silos.Select(async silo =>
        {
            try
            {
                return await GrainFactory.GetGrain<ISiloGrain>(silo.Name).Describe().WaitAsync(SiloAnswersWithin, time);
            }
            catch (Exception e)
            {
                NotDescribed(log, e, silo.Name);
                return null;
            }
        }));
        return [.. reports.OfType<SiloReport>()];
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Revive();

    /// <summary>Writes what must outlive the silo; several changes at once become one write.</summary>
    private async Task Save()
    {
        if (_saving)
        {
            await _saved; // the write under way may have begun before this change
            if (_saving)
            {
                await _saved;
                return;
            }
        }
        _saving = true;
        _saved = Write();
        await _saved;

        async Task Write()
        {
            try
            {
                foreach (var old in Runs.Values.Where(r => r.Ended).OrderByDescending(r => r.Registered).Skip(MostEnded)
                    .Select(r => r.Run).ToArray())
                    Runs.Remove(old);
                await state.WriteStateAsync();
                await Remind();
            }
            finally
            {
                _saving = false;
            }
        }
    }

    /// <summary>
    /// A reminder wakes the runs of a cluster whose silos were all lost, while there are any to wake.
    /// </summary>
    private async Task Remind()
    {
        var needed = Runs.Values.Any(r => !r.Ended);
        if (needed == _reminding) return;
        try
        {
            await Set(needed).WaitAsync(RemindsWithin, time);
            _reminding = needed;
        }
        catch (Exception e)
        {
            // one that has just started, or no longer reaches the database; the next change tries again
            NotReminded(log, e);
        }

        async Task Set(bool wanted)
        {
            if (wanted) await this.RegisterOrUpdateReminder(Revival, BetweenRevivals, BetweenRevivals);
            else if (await this.GetReminder(Revival) is { } reminder) await this.UnregisterReminder(reminder);
        }
    }

    private Task<Registration> RegisterAs(string id, string experiment)
    {
        _taken.Add(id); // before anything is awaited: calls interleave
        return GrainFactory.GetGrain<IExperimentGrain>(id).Prepare(experiment);
    }

    /// <summary>
    /// Under an id that nobody has; another process may take the one that was chosen, and so the next.
    /// </summary>
    private async Task<Registration> RegisterFresh(string experiment, string name)
    {
        Registration registration;
        do registration = await RegisterAs(Fresh(name), experiment);
        while (registration.IdIsTaken);
        return registration;
    }

    private string Fresh(string name)
    {
        var stem = $"{name[..Math.Min(name.Length, LongestName)]}-{time.GetUtcNow():yyyyMMdd-HHmmss}";
        for (var n = 1; ; n++)
        {
            var id = n == 1 ? stem : $"{stem}-{n}";
            if (!_taken.Contains(id) && !Runs.ContainsKey(id)
                && !Directory.Exists(Path.Combine(options.Value.RunsFolder, id)))
                return id;
        }
    }

    private static RunStatus FromFolder(RunListing run) => RunFolderStatus.Of(RunFolderReader.Open(run.Path), run);

    [LoggerMessage(1, LogLevel.Warning, "Run {Run} could not be woken.")]
    private static partial void NotWoken(ILogger logger, Exception e, string run);

    [LoggerMessage(3, LogLevel.Warning,
        "The reminder that wakes runs could not be set; silos wake them when they start or lose another silo.")]
    private static partial void NotReminded(ILogger logger, Exception e);

    [LoggerMessage(2, LogLevel.Warning, "Silo {Silo} did not say what it has.")]
    private static partial void NotDescribed(ILogger logger, Exception e, string silo);
}

/// <summary>What the registry keeps.</summary>
[GenerateSerializer, Alias("fl.registry-state")]
internal sealed class RegistryState
{
    /// <summary>Name of the storage that keeps it; the silo's host registers it.</summary>
    public const string Storage = "fl";

    /// <summary>The runs by id.</summary>
    [Id(0)]
    public Dictionary<string, RunStatus> Runs { get; set; } = [];
}
