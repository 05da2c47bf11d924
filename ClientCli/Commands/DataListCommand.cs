using Orleans.FL.ClientCli.Output;
using Orleans.FL.ClientCli.Runs;
using Orleans.FL.Learning.Datasets;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Lists the datasets and where they are.</summary>
internal sealed class DataListCommand(Lazy<DatasetStore> store, Terminal terminal) : Command<EmptyCommandSettings>
{
    public override int Execute(
        CommandContext context, EmptyCommandSettings settings, CancellationToken cancellationToken)
    {
        var table = new Table().SimpleBorder().AddColumn(new TableColumn("dataset").NoWrap())
            .AddColumn(new TableColumn("size").RightAligned().NoWrap()).AddColumn("folder").AddColumn("what it is");
        foreach (var d in store.Value.List())
            table.AddRow(
                new Text(d.Name), new Text(d.Folder is null ? RunText.None : RunText.Bytes(d.Bytes)),
                new Text(d.Folder ?? $"absent: flctl data get {d.Name}",
                    new Style(d.Folder is null ? Color.Yellow : Color.Green)),
                new Text(d.Summary));
        terminal.Console.Write(table);
        return ExitCode.Done;
    }
}
