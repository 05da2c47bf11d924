using System.ComponentModel;
using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.ClientCli.Watching;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Silo.Options;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Starts an experiment and shows it happening.</summary>
internal sealed class StartCommand(IFederations federations, Following following, Terminal terminal)
    : AsyncCommand<StartCommand.Settings>
{
    internal sealed class Settings : ExperimentSettings
    {
        [CommandOption("-l|--local"), Description("Runs a silo inside flctl; nothing else needs to run.")]
        public bool Local { get; init; }

        [CommandOption("-w|--watch"), Description("Shows the run until it ends; the default.")]
        public bool Watch { get; init; }

        [CommandOption("-d|--detach"), Description("Leaves the run to the silo and comes back at once.")]
        public bool Detach { get; init; }

        [CommandOption("--json"), Description("Prints one JSON object a line for each event and nothing else.")]
        public bool Json { get; init; }

        [CommandOption("--run <ID>"),
            Description("Id of the run; by default made from the experiment's name and the time.")]
        public string? Run { get; init; }

        [CommandOption("--runs <FOLDER>"), Description("Folder of the runs, with --local; by default ./runs.")]
        public string? Runs { get; init; }

        [CommandOption("--lanes <N>"),
            Description("Nodes that train at the same time, with --local; by default one a core.")]
        public int? Lanes { get; init; }

        [CommandOption("--device <NAME>"),
            Description("What to train on, with --local: auto (GPUs if there are any), cpu, cuda or cuda:N.")]
        public string? Device { get; init; }

        [CommandOption("--state-memory <MIB>"), Description("MiB of nodes' weights that stay in memory, with --local; "
            + "the rest goes to the disk of --runs. By default half of the machine's.")]
        public int? StateMemory { get; init; }

        [CommandOption(ClusterTarget.SiloOption), Description(ClusterTarget.SiloHelp)]
        public string? Silo { get; init; }

        [CommandOption(ClusterTarget.ClusterOption), Description(ClusterTarget.ClusterHelp)]
        public string? Cluster { get; init; }

        /// <summary>Where the silo is.</summary>
        /// <exception cref="ProfileException">What says so is wrong.</exception>
        public ClusterTarget Target =>
            ClusterTarget.Choose(Silo, Cluster, ClusterProfiles.OfUser, Environment.GetEnvironmentVariable);

        public override ValidationResult Validate()
        {
            if (base.Validate() is { Successful: false } error) return error;
            if (RunSettings.Checked(Run) is { Successful: false } wrong) return wrong;
            if (Detach && (Local || Watch))
                return Error("--detach leaves the run to a silo of its own and does not go with "
                    + $"{(Local ? "--local" : "--watch")}.");
            if (Local && (Silo ?? Cluster) is not null)
                return Error("--local runs a silo inside flctl and does not go with "
                    + $"{(Silo is null ? "--cluster" : "--silo")}.");
            if (!Local && Runs is not null)
                return Error(
                    "--runs goes with --local; a silo has its own: dotnet run --project Silo -- --runs FOLDER.");
            if (!Local && Lanes is not null)
                return Error("--lanes goes with --local; a silo has its own: dotnet run --project Silo -- --lanes N.");
            if (!Local && Device is not null)
                return Error(
                    "--device goes with --local; a silo has its own: dotnet run --project Silo -- --device NAME.");
            if (!Local && StateMemory is not null)
                return Error("--state-memory goes with --local; a silo has its own: "
                    + "dotnet run --project Silo -- --state-memory MIB.");
            if (StateMemory < 1)
                return Error($"--state-memory: {StateMemory} is out of range; give a number of MiB, 1 or more.");
            if (Device is not null && LaneDevice.Refusal(Device) is { } refusal) return Error($"--device: {refusal}");
            if (Lanes is < 1 or > 1024) return Error($"--lanes: {Lanes} is out of range; give 1 to 1024.");
            return ValidationResult.Success();
        }

        private static ValidationResult Error(string sentence) => ValidationResult.Error(sentence);
    }

    public override async Task<int> ExecuteAsync(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var read = settings.Read();
        var experiment = ExperimentWriter.Canonical(read);
        var federation = await Open(settings, read, cancellationToken);
        await using var opened = federation;
        var registration = await federation.Register(experiment, settings.Run);
        if (registration.Run is not { } run)
        {
            foreach (var error in registration.Errors) terminal.Error.WriteLine(error);
            return ExitCode.YourInput;
        }
        if (!settings.Json)
            foreach (var remark in ExperimentRemarks.Of(read)) terminal.Error.WriteLine(remark);
        await federation.Start(run);
        if (settings.Detach)
            return await Detach(federation, run, registration.Folder, settings.Json, cancellationToken);

        var display = following.Display(settings.Json, federation.Dashboard);
        return settings.Local
            ? await following.ToTheEnd(federation, run, display, cancellationToken)
            : await following.WhileWatched(federation, settings.Target, run, 0, display, cancellationToken);
    }

    private async Task<IFederation> Open(Settings settings, Experiment experiment, CancellationToken cancellation)
    {
        if (settings.Local)
            return await federations.Embed(
                SiloOptions.Embedded(settings.Runs ?? "runs", settings.Lanes ?? 0, settings.Device ?? "auto")
                    with
                { StateMemory = settings.StateMemory ?? 0 }, experiment.Dataset, cancellation);
        try
        {
            return await federations.Connect(settings.Target, terminal.Error.WriteLine, cancellation);
        }
        catch (FederationException e)
        {
            throw new FederationException(e.SiloIsThere ? e.Message
                : $"{e.Message} Start one with 'dotnet run --project Silo', or add --local to run one inside flctl.");
        }
    }

    private async Task<int> Detach(
        IFederation federation, string run, string? folder, bool json, CancellationToken cancellation)
    {
        if (json)
        {
            await foreach (var e in federation.Watch(run, 0, cancellation).Take(1).WithCancellation(cancellation))
                terminal.Output.WriteLine(e.ToJson());
            return ExitCode.Done;
        }
        terminal.Output.WriteLine($"run {run}");
        terminal.Output.WriteLine($"folder {folder}");
        terminal.Output.WriteLine($"watch it with 'flctl watch {run}', end it with 'flctl stop {run}'");
        return ExitCode.Done;
    }
}
