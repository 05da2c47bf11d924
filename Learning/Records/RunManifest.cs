using System.Reflection;

namespace Orleans.FL.Learning.Records;

/// <summary>What a run was made with: <c>manifest.json</c>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="ExperimentHash">Hash of the experiment's canonical text.</param>
/// <param name="Seed">The experiment's seed.</param>
/// <param name="StartedUtc">When the run began.</param>
/// <param name="Version">Version of Orleans.FL.</param>
/// <param name="Versions">Versions of the libraries that compute, by name.</param>
/// <param name="GitCommit">Commit of the repository that the run was started in; null if none.</param>
/// <param name="Lanes">Training lanes of a silo; 0 until the nodes sit.</param>
/// <param name="Silos">Silos when the run began; 0 until the nodes sit.</param>
/// <param name="Machine">The machine that keeps the record.</param>
public sealed record RunManifest(
    string RunId, string ExperimentHash, long Seed, DateTimeOffset StartedUtc, string Version,
    IReadOnlyDictionary<string, string> Versions, string? GitCommit, int Lanes, int Silos, Machine Machine)
{
    /// <summary>What the experiment is that its author may not have meant; mostly nothing.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>The version of Orleans.FL that runs.</summary>
    public static string CurrentVersion { get; } = typeof(RunManifest).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The manifest of a run that starts here and now.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="experimentHash">Hash of the experiment's canonical text.</param>
    /// <param name="seed">The experiment's seed.</param>
    /// <param name="time">Gives the time of the start.</param>
    /// <param name="versions">Versions of the libraries that compute, by name.</param>
    /// <param name="lanes">Training lanes of a silo.</param>
    /// <param name="silos">Number of silos.</param>
    public static RunManifest Here(string runId, string experimentHash, long seed, TimeProvider time,
        IReadOnlyDictionary<string, string> versions, int lanes, int silos) =>
        new(runId, experimentHash, seed, time.GetUtcNow(), CurrentVersion, versions,
            Records.GitCommit.Of(Environment.CurrentDirectory), lanes, silos, Machine.Here());
}
