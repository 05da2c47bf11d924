using System.ComponentModel;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Datasets.Fetching;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Fetches a dataset.</summary>
internal sealed class DataGetCommand(Lazy<DatasetFetcher> fetcher, Terminal terminal)
    : AsyncCommand<DataGetCommand.Settings>
{
    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<NAME>"), Description("Name of the dataset; 'flctl data list' names them.")]
        public string Name { get; init; } = "";
    }

    public override async Task<int> ExecuteAsync(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var folder = terminal.Live
            ? await terminal.Console.Progress().StartAsync(progress =>
                fetcher.Value.FetchAsync(settings.Name, new Bars(progress), cancellationToken))
            : await fetcher.Value.FetchAsync(
                settings.Name, new FetchLines(terminal.Output.WriteLine), cancellationToken);
        terminal.Output.WriteLine($"{settings.Name} is in {folder}");
        return ExitCode.Done;
    }

    /// <summary>A bar for each step.</summary>
    private sealed class Bars(ProgressContext context) : IProgress<FetchProgress>
    {
        private readonly Dictionary<string, ProgressTask> _bars = [];

        public void Report(FetchProgress value)
        {
            if (!_bars.TryGetValue(value.Step, out var bar))
                _bars[value.Step] = bar = context.AddTask(Markup.Escape(value.Step));
            bar.IsIndeterminate = value.Total is null;
            bar.MaxValue = Math.Max(value.Total ?? 1, 1);
            bar.Value = value.Done;
        }
    }
}
