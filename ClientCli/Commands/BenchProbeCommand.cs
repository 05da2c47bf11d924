using System.ComponentModel;
using Orleans.FL.ClientCli.Benchmarking;
using Orleans.FL.ClientCli.Benchmarking.Plain;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Orleans.FL.ClientCli.Output;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>What <c>flctl bench</c> starts beside its jobs; prints one line of JSON.</summary>
internal sealed class BenchProbeCommand(Terminal terminal) : Command<BenchProbeCommand.Settings>
{
    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<KIND>"), Description("machine, mean or plain.")]
        public string Kind { get; init; } = "";

        [CommandOption("--lanes <N>"), Description("Threads, with machine.")]
        public int Lanes { get; init; } = 1;

        [CommandOption("-c|--config <FILE>"), Description("The experiment file, with plain.")]
        public string? Config { get; init; }

        [CommandOption("-s|--set <PATH=VALUE>"), Description("Sets a value of the file, with plain.")]
        public string[] Set { get; init; } = [];

        public override ValidationResult Validate() => Kind switch
        {
            BenchProbe.Machine when Lanes is < 1 or > 1024 =>
                ValidationResult.Error($"--lanes: {Lanes} is out of range; give 1 to 1024."),
            BenchProbe.Machine or BenchProbe.Mean => ValidationResult.Success(),
            BenchProbe.Plain => Config is null
                ? ValidationResult.Error("Name the experiment file: --config FILE.")
                : ValidationResult.Success(),
            _ => ValidationResult.Error($"There is no probe '{Kind}'; use machine, mean or plain."),
        };
    }

    public override int Execute(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        terminal.Output.WriteLine(settings.Kind switch
        {
            BenchProbe.Machine => ProbeLine.Of(new MachineReport(FmaPeakRate.Measure(settings.Lanes),
                MatrixProductRate.Measure(settings.Lanes), MemoryReadRate.Measure(settings.Lanes),
                NewMemoryRate.Measure(settings.Lanes))),
            BenchProbe.Mean => ProbeLine.Of(Mean()),
            _ => ProbeLine.Of(PlainReport.Of(settings.Config!, settings.Set)), // Validate saw it
        });
        return ExitCode.Done;
    }

    private static MeanReport Mean()
    {
        var (mean, read) = ExactMeanRate.Measure();
        return new MeanReport(mean, read);
    }
}
