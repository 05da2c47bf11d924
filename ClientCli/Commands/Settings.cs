using System.ComponentModel;
using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Records;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Settings of commands that read an experiment file.</summary>
internal abstract class ExperimentSettings : CommandSettings
{
    [CommandArgument(0, "[FILE]"), Description("The experiment file; the same as --config.")]
    public string? File { get; init; }

    [CommandOption("-c|--config <FILE>"), Description("The experiment file.")]
    public string? Config { get; init; }

    [CommandOption("-s|--set <PATH=VALUE>")]
    [Description("Sets a value of the file, e.g. training.batchSize=64; may be repeated.")]
    public string[] Set { get; init; } = [];

    public override ValidationResult Validate() => (File, Config) switch
    {
        (null, null) => ValidationResult.Error("Name the experiment file: --config FILE."),
        (not null, not null) =>
            ValidationResult.Error($"The experiment file is given twice: '{File}' and --config '{Config}'."),
        _ => ValidationResult.Success(),
    };

    /// <summary>The experiment.</summary>
    /// <exception cref="ExperimentException">It has errors; holds all of them.</exception>
    public Experiment Read() => ExperimentReader.ReadFile(Config ?? File!, Set); // Validate saw one of them
}

/// <summary>Settings of commands that need a silo.</summary>
internal class SiloSettings : CommandSettings
{
    [CommandOption(ClusterTarget.SiloOption), Description(ClusterTarget.SiloHelp)]
    public string? Silo { get; init; }

    [CommandOption(ClusterTarget.ClusterOption), Description(ClusterTarget.ClusterHelp)]
    public string? Cluster { get; init; }

    /// <summary>Where the silo is.</summary>
    /// <exception cref="ProfileException">What says so is wrong.</exception>
    public ClusterTarget Target =>
        ClusterTarget.Choose(Silo, Cluster, ClusterProfiles.OfUser, Environment.GetEnvironmentVariable);
}

/// <summary>Settings of commands on one run of a silo.</summary>
internal class RunSettings : SiloSettings
{
    [CommandArgument(0, "<RUN>"), Description("Id of the run; 'flctl list' names them.")]
    public string Run { get; init; } = "";

    public override ValidationResult Validate() => Checked(Run);

    /// <summary>Whether a text can be the id of a run.</summary>
    /// <param name="run">The text; null for none.</param>
    public static ValidationResult Checked(string? run)
    {
        try
        {
            if (run is not null) RunId.Check(run);
            return ValidationResult.Success();
        }
        catch (ExperimentException e)
        {
            return ValidationResult.Error(e.Message);
        }
    }
}

/// <summary>Settings of commands on the record of a run, wherever it is.</summary>
internal class RecordSettings : SiloSettings
{
    [CommandArgument(0, "<RUN>"), Description("Id of the run, or its folder.")]
    public string Run { get; init; } = "";

    [CommandOption("--runs <FOLDER>"), Description("Folder of the runs; by default ./runs.")]
    public string Runs { get; init; } = "runs";

    [CommandOption("--json"), Description("Prints one JSON object.")]
    public bool Json { get; init; }
}
