using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Silo.Options;

namespace Orleans.FL.ClientCli.Federations;

/// <summary>A cluster of silos as flctl needs it.</summary>
internal interface IFederation : IAsyncDisposable
{
    /// <summary>How sentences name it, e.g. <c>the silo at 127.0.0.1:30000</c>.</summary>
    string Name { get; }

    /// <summary>Its dashboard, if flctl knows where that is.</summary>
    Uri? Dashboard { get; }

    Task<Registration> Register(string experiment, string? run);

    Task<RunStatus[]> List();

    /// <summary>How a run stands; null if there is no such run.</summary>
    Task<RunStatus?> Find(string run);

    Task<RunStatus> Start(string run);

    Task<RunStatus> Pause(string run);

    Task<RunStatus> Resume(string run);

    Task<RunStatus> Stop(string run);

    /// <summary>The silos: what they have and how busy they are.</summary>
    Task<SiloReport[]> Silos();

    /// <summary>Who sits where in a run that is under way.</summary>
    Task<Seat[]> Seats(string run);

    /// <summary>Has nodes join and leave a run at the beginning of its next round.</summary>
    Task<MemberAnswer> ChangeMembers(string run, int[] add, int[] remove);

    /// <summary>The run's events from a sequence number on, until the run ends.</summary>
    IAsyncEnumerable<RunEvent> Watch(string run, long from, CancellationToken cancellation);
}

/// <summary>Where federations come from.</summary>
internal interface IFederations
{
    /// <summary>Connects to a cluster.</summary>
    /// <param name="target">Where its gateways are, and what they ask for.</param>
    /// <param name="slow">Is told if a silo is there and takes its time; null tells nobody.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FederationException">No silo answers there.</exception>
    Task<IFederation> Connect(ClusterTarget target, Action<string>? slow, CancellationToken cancellation);

    /// <summary>Starts a silo in this process.</summary>
    /// <param name="options">Options of the silo; see <see cref="SiloOptions.Embedded"/>.</param>
    /// <param name="soon">A dataset that will be asked for: it is read while the silo starts; null for none.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<IFederation> Embed(SiloOptions options, Component<Dataset>? soon, CancellationToken cancellation);
}

/// <summary>The federation cannot do what was asked; the message is a sentence for the user.</summary>
/// <param name="message">The sentence.</param>
/// <param name="siloIsThere">Whether a silo is there, and is slow, or does not accept this client, or is not
/// accepted.</param>
internal sealed class FederationException(string message, bool siloIsThere = false) : Exception(message)
{
    /// <summary>Whether a silo is there, and is slow, or does not accept this client, or is not accepted.</summary>
    public bool SiloIsThere => siloIsThere;
}
