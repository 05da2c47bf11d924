using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Records;

namespace Orleans.FL.ClientCli.Federations;

/// <summary>Finds silos and their runs, or says what to do.</summary>
/// <param name="federations">Connects.</param>
/// <param name="slow">Is told if a silo is there and takes its time.</param>
internal sealed class RunFinder(IFederations federations, Action<string> slow)
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
            return await federations.Connect(target, slow, cancellation);
        }
        catch (FederationException e)
        {
            throw new FederationException(e.SiloIsThere ? e.Message
                : $"{e.Message} Start one with 'dotnet run --project Silo', or name another with --silo HOST:PORT.");
        }
    }

    /// <summary>The folder of a run on this machine; null if there is none.</summary>
    /// <param name="run">Id of the run, or its folder.</param>
    /// <param name="runs">Folder of the runs.</param>
    /// <exception cref="Orleans.FL.Learning.Foundation.ExperimentException">A path is given, and it is no run's
    /// folder.</exception>
    public static RunFolderReader? Folder(string run, string runs)
    {
        var byId = Path.Combine(runs, run);
        if (RunId.IsValid(run) && Directory.Exists(byId)) return RunFolderReader.Open(byId);
        // What has a slash is a path and nothing else.
        return run.Contains(Path.DirectorySeparatorChar) || Directory.Exists(run) ? RunFolderReader.Open(run) : null;
    }

    /// <summary>Connects to a silo that is to know a run whose folder is not here.</summary>
    /// <param name="target">Where.</param>
    /// <param name="run">Id of the run.</param>
    /// <param name="runs">Folder of the runs.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FederationException">No silo answers; says which runs the folder has.</exception>
    public async Task<IFederation> ConnectFor(
        ClusterTarget target, string run, string runs, CancellationToken cancellation)
    {
        try
        {
            return await Connect(target, cancellation);
        }
        catch (FederationException)
        {
            string[] known = [.. RunFolderReader.List(runs).Select(r => r.Id).Reverse().Take(Named)];
            var has = known.Length == 0 ? "" : $" (it has {string.Join(", ", known)})";
            throw new FederationException($"There is no run '{run}' in {Path.GetFullPath(runs)}"
                + $"{has}, and no silo answers at {target.Place}; "
                + "give --runs FOLDER or the path of the run's folder."
                + Spelling.DidYouMean(run, RunFolderReader.List(runs).Select(r => r.Id)));
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
        var known = runs.Length == 0
            ? "it has none"
            : $"it has {string.Join(", ", runs.Take(Named).Select(r => r.Run))}{more}";
        throw new FederationException($"There is no run '{run}' on {federation.Name}: {known}."
            + Spelling.DidYouMean(run, runs.Select(r => r.Run)));
    }
}
