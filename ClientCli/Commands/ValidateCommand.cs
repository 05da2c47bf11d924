using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.TorchLoading;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Checks an experiment file, with its data where they are here, and starts nothing.</summary>
internal sealed class ValidateCommand(Terminal terminal) : Command<ValidateCommand.Settings>
{
    internal sealed class Settings : ExperimentSettings;

    public override int Execute(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var e = settings.Read();
        var (remarks, missing) = TryData(e);
        terminal.Output.WriteLine($"{settings.Config ?? settings.File} is a valid experiment"
            + $"{(missing is null ? "" : " so far as can be said without its data")}: "
            + $"{e.Algorithm.Name} on {e.Topology.Name}, {e.Dataset.Name}, {e.Model.Name}; "
            + $"{e.Nodes} nodes, {e.Rounds} rounds; sha256 {ExperimentWriter.Hash(e)}");
        foreach (var remark in ExperimentRemarks.Of(e).Concat(remarks)) terminal.Output.WriteLine(remark);
        if (missing is not null)
            terminal.Output.WriteLine(
                $"How its data are split, and whether model and tests fit them, was not checked. {missing}");
        return ExitCode.Done;
    }

    /// <summary>Does what 'start' does before the first round, so far as it can be done here.</summary>
    /// <returns>What is to be said of the split, and why it cannot be done; null if it was.</returns>
    private static (IReadOnlyList<string> Remarks, string? Missing) TryData(Experiment experiment)
    {
        try
        {
            return (SampleRemarks.Of(Plan.Of(experiment, new DatasetCache(DatasetLocator.Default))), null);
        }
        catch (Exception e) when (e is DataAbsentException or TorchUnavailableException)
        {
            return ([], e.Message);
        }
    }
}
