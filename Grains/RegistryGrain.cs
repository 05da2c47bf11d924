using Microsoft.Extensions.Options;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Records;
using RunStatus = Orleans.FL.Grains.Interfaces.RunStatus;

namespace Orleans.FL.Grains;

/// <summary>Knows the runs of the cluster, and those whose folders are on its machine from before.</summary>
internal sealed class RegistryGrain(IOptions<FederationOptions> options, TimeProvider time) : Grain, IRegistryGrain
{
    private const int LongestName = 100;

    private readonly Dictionary<string, RunStatus> _runs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, int>> _ranks = [];
    private readonly Dictionary<string, Seat[]> _peers = [];
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public async Task<Registration> Register(string experiment, string? run)
    {
        try
        {
            var parsed = ExperimentReader.Read(experiment, []);
            var id = run is null ? Fresh(parsed.Name) : RunId.Check(run);
            _taken.Add(id); // before anything is awaited: calls interleave
            var registration = await GrainFactory.GetGrain<IExperimentGrain>(id).Prepare(experiment);
            if (registration.Run is not null)
                _runs[id] = new RunStatus(id, parsed.Name, RunState.Registered, 0, parsed.Rounds, parsed.Nodes, 0,
                    registration.Folder!, time.GetUtcNow());
            return registration;
        }
        catch (ExperimentException e)
        {
            return new Registration(null, null, [.. e.Faults.Select(f => f.ToString())]);
        }
    }

    public async Task<RunStatus[]> List()
    {
        var known = _runs.Values.ToDictionary(r => r.Run);
        var old = await Task.Run(() => RunFolderReader.List(options.Value.RunsFolder)
            .Where(r => !known.ContainsKey(r.Id)).Select(FromFolder).ToList());
        return [.. known.Values.Concat(old).OrderByDescending(r => r.Registered).ThenBy(r => r.Run, StringComparer.Ordinal)];
    }

    public Task<RunStatus?> Find(string run)
    {
        if (_runs.TryGetValue(run, out var known)) return Task.FromResult<RunStatus?>(known);
        return Task.FromResult(!RunId.IsValid(run) ? null : RunFolderReader.List(options.Value.RunsFolder)
            .Where(r => r.Id == run).Select(FromFolder).FirstOrDefault());
    }

    public Task<Seat[]> Seat(string run, string[] identities)
    {
        if (!_ranks.TryGetValue(run, out var ranks)) _ranks[run] = ranks = new(StringComparer.Ordinal);
        return Task.FromResult<Seat[]>([.. identities.Select(identity =>
        {
            if (!ranks.TryGetValue(identity, out var rank)) ranks[identity] = rank = ranks.Count;
            return new Seat(identity, rank);
        })]);
    }

    public Task Publish(string run, Seat[] seats)
    {
        _peers[run] = seats;
        return Task.CompletedTask;
    }

    public Task<Seat[]> Peers(string run) => Task.FromResult(_peers.GetValueOrDefault(run, []));

    public Task Report(RunStatus status)
    {
        _runs[status.Run] = _runs.TryGetValue(status.Run, out var known) ? status with { Registered = known.Registered } : status;
        if (status.Ended) _ranks.Remove(status.Run);
        return Task.CompletedTask;
    }

    private string Fresh(string name)
    {
        var stem = $"{name[..Math.Min(name.Length, LongestName)]}-{time.GetUtcNow():yyyyMMdd-HHmmss}";
        for (var n = 1; ; n++)
        {
            var id = n == 1 ? stem : $"{stem}-{n}";
            if (!_taken.Contains(id) && !_runs.ContainsKey(id) && !Directory.Exists(Path.Combine(options.Value.RunsFolder, id))) return id;
        }
    }

    private static RunStatus FromFolder(RunListing run) => ExperimentGrain.StatusOf(RunFolderReader.Open(run.Path), run);
}
