using System.ComponentModel;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Grains.Interfaces;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Settings of commands that change the members of a run.</summary>
internal sealed class NodeSettings : RunSettings
{
    [CommandArgument(1, "[RANK]"), Description("Ranks of the nodes; for 'add' by default the first that is no member.")]
    public int[] Ranks { get; init; } = [];

    public override ValidationResult Validate() => Ranks.Any(r => r < 0)
        ? ValidationResult.Error($"{Ranks.First(r => r < 0)} is no rank; give 0 or more.")
        : base.Validate();
}

/// <summary>Changes the members of a run at the beginning of its next round.</summary>
/// <param name="finder">Finds the run.</param>
/// <param name="terminal">Where the answer goes.</param>
internal abstract class NodeChangeCommand(RunFinder finder, Terminal terminal) : AsyncCommand<NodeSettings>
{
    public override async Task<int> ExecuteAsync(
        CommandContext context, NodeSettings settings, CancellationToken cancellationToken)
    {
        await using var federation = await finder.Connect(settings.Target, cancellationToken);
        await RunFinder.Find(federation, settings.Run);
        var (change, errors) = await Ask(federation, settings);
        foreach (var error in errors) terminal.Error.WriteLine(error);
        if (change is null) return ExitCode.YourInput;
        terminal.Output.WriteLine($"run {settings.Run}: {Words(change)} from round {change.Round} on; "
            + "the topology is drawn anew for the members");
        return ExitCode.Done;
    }

    /// <summary>Asks for the change.</summary>
    /// <param name="federation">Where the run is.</param>
    /// <param name="settings">Run and ranks.</param>
    protected abstract Task<MemberAnswer> Ask(IFederation federation, NodeSettings settings);

    private static string Words(MemberChange change) => change.Add.Length > 0
        ? $"node {string.Join(", ", change.Add)} joins" : $"node {string.Join(", ", change.Remove)} leaves";
}

/// <summary>Has nodes join a run.</summary>
internal sealed class NodeAddCommand(RunFinder finder, Terminal terminal) : NodeChangeCommand(finder, terminal)
{
    protected override Task<MemberAnswer> Ask(IFederation federation, NodeSettings settings) =>
        federation.ChangeMembers(settings.Run, settings.Ranks, []);
}

/// <summary>Has nodes leave a run.</summary>
internal sealed class NodeRemoveCommand(RunFinder finder, Terminal terminal) : NodeChangeCommand(finder, terminal)
{
    protected override Task<MemberAnswer> Ask(IFederation federation, NodeSettings settings) =>
        settings.Ranks.Length > 0
            ? federation.ChangeMembers(settings.Run, [], settings.Ranks)
            : Task.FromResult(new MemberAnswer(null,
                ["Name the ranks of the nodes that are to leave; 'flctl node list' shows who is there."]));
}

/// <summary>Lists who sits where.</summary>
/// <param name="finder">Finds the run.</param>
/// <param name="terminal">Where the list goes.</param>
internal sealed class NodeListCommand(RunFinder finder, Terminal terminal) : AsyncCommand<RunSettings>
{
    public override async Task<int> ExecuteAsync(
        CommandContext context, RunSettings settings, CancellationToken cancellationToken)
    {
        await using var federation = await finder.Connect(settings.Target, cancellationToken);
        await RunFinder.Find(federation, settings.Run);
        var seats = await federation.Seats(settings.Run);
        if (seats.Length == 0)
        {
            terminal.Output.WriteLine($"Run {settings.Run} has no nodes seated now.");
            return ExitCode.Done;
        }
        var table = new Table().SimpleBorder().AddColumn(new TableColumn("rank").RightAligned()).AddColumn("node")
            .AddColumn("silo")
            .AddColumn("device").AddColumn(new TableColumn("samples").RightAligned());
        foreach (var seat in seats)
            table.AddRow(new Text($"{seat.Rank}"), new Text(seat.Identity), new Text(seat.Silo), new Text(seat.Device),
                new Text($"{seat.Samples}"));
        terminal.Console.Write(table);
        return ExitCode.Done;
    }
}
