using System.Diagnostics;
using Orleans.FL.Grains.Interfaces;
using Orleans.Runtime.Messaging;

namespace Orleans.FL.ClientCli.Federations;

/// <summary>A federation by its grains.</summary>
/// <param name="grains">Reaches the grains.</param>
/// <param name="name">How sentences name the federation.</param>
/// <param name="dashboard">Its dashboard; null if unknown.</param>
/// <param name="owned">Is let go with the federation.</param>
internal sealed class GrainFederation(IGrainFactory grains, string name, Uri? dashboard, IAsyncDisposable owned)
    : IFederation
{
    // A grain whose silo died is another silo's as soon as the others know of the death.
    private static readonly TimeSpan KnownWithin = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    private IAsyncDisposable? _owned = owned;

    public string Name => name;

    public Uri? Dashboard => dashboard;

    private IRegistryGrain Registry => grains.GetGrain<IRegistryGrain>(IRegistryGrain.Key);

    public Task<Registration> Register(string experiment, string? run) => Registry.Register(experiment, run);

    public Task<RunStatus[]> List() => Ask(() => Registry.List());

    public Task<RunStatus?> Find(string run) => Ask(() => Registry.Find(run));

    public Task<RunStatus> Start(string run) => Ask(() => Experiment(run).Start()); // done twice, it begins once

    public Task<RunStatus> Pause(string run) => Experiment(run).Pause();

    public Task<RunStatus> Resume(string run) => Experiment(run).Resume();

    public Task<RunStatus> Stop(string run) => Experiment(run).Stop();

    public Task<SiloReport[]> Silos() => Ask(() => Registry.Silos());

    public Task<Seat[]> Seats(string run) => Ask(() => Experiment(run).Seats());

    public Task<MemberAnswer> ChangeMembers(string run, int[] add, int[] remove) =>
        Experiment(run).ChangeMembers(add, remove);

    public IAsyncEnumerable<RunEvent> Watch(string run, long from, CancellationToken cancellation) =>
        Experiment(run).Watch(from, cancellation);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _owned, null) is { } mine) await mine.DisposeAsync();
    }

    private IExperimentGrain Experiment(string run) => grains.GetGrain<IExperimentGrain>(run);

    /// <summary>Asks a grain, and again while the silo that it was on has only just died.</summary>
    private static async Task<T> Ask<T>(Func<Task<T>> question)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await question();
            }
            catch (Exception e) when (e is SiloUnavailableException or OrleansMessageRejectionException
                or ConnectionFailedException or TimeoutException
                && clock.Elapsed < KnownWithin)
            {
                await Task.Delay(RetryAfter);
            }
        }
    }
}
