using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Federations;

/// <summary>Finds silos and their runs, or says what to do.</summary>
/// <param name="federations">Connects.</param>
internal sealed class RunFinder(IFederations federations)
{
    private const int Named = 8;

    /// <summary>Connects to a silo.</summary>
    /// <param name="target">Where.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FederationException">No silo answers; says how to go on.</exception>
    public async Task<IFederation> Connect(ClusterTarget target, CancellationToken cancellation)
    {
        try
        {
            return await federations.Connect(target, cancellation);
        }
        catch (FederationException e)
        {
            throw new FederationException(e.Refused ? e.Message
                : $"{e.Message} Start one with 'dotnet run --project Silo', or name another with --silo HOST:PORT.");
        }
    }

    /// <summary>How a run stands.</summary>
    /// <param name="federation">Where it is looked for.</param>
    /// <param name="run">Run id.</param>
    /// <exception cref="FederationException">There is no such run; names those that there are.</exception>
    public static async Task<RunStatus> Find(IFederation federation, string run)
    {
        if (await federation.Find(run) is { } status) return status;
        var runs = await federation.List();
        var more = runs.Length > Named ? ", …; see 'flctl list'" : "";
        var known = runs.Length == 0 ? "it has none" : $"it has {string.Join(", ", runs.Take(Named).Select(r => r.Run))}{more}";
        throw new FederationException($"There is no run '{run}' on {federation.Name}: {known}.");
    }
}
