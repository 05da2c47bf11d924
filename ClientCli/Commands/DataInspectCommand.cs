using System.ComponentModel;
using System.Globalization;
using Orleans.FL.ClientCli.Data;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Shows what a table holds, and writes an experiment file that fits it.</summary>
internal sealed class DataInspectCommand(Terminal terminal) : Command<DataInspectCommand.Settings>
{
    private const int ShownValues = 4, ShownColumns = 60;

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<FILE>"), Description("A table: comma, semicolon or tab between fields, a row a line.")]
        public string File { get; init; } = "";

        [CommandOption("--target <COLUMN>"), Description("What models are to predict; by default the last column.")]
        public string? Target { get; init; }

        [CommandOption("--user <COLUMN>")]
        [Description("Whose a row is; each becomes a node. By default a column with a name like user or hospital.")]
        public string? User { get; init; }

        [CommandOption("--separator <NAME>")]
        [Description("comma, semicolon or tab; by default as the first line has it.")]
        public string? Separator { get; init; }

        [CommandOption("--no-header"), Description("The first line is a row: columns are 1, 2, 3, and so on.")]
        public bool NoHeader { get; init; }

        [CommandOption("--out <FILE>"), Description("Writes the experiment to this file, which must not be there yet.")]
        public string? Out { get; init; }

        public override ValidationResult Validate() => Separator is null or "comma" or "semicolon" or "tab"
            ? ValidationResult.Success()
            : ValidationResult.Error($"There is no separator '{Separator}'; known: comma, semicolon, tab.");
    }

    public override int Execute(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(settings.File);
        var table = TableProfile.Of(path, settings.Separator, settings.NoHeader ? false : null);
        var advice = TableAdvice.Of(table, settings.Target, settings.User);
        Show(table, advice);
        var folder = settings.Out is null ? Environment.CurrentDirectory
            : Path.GetDirectoryName(Path.GetFullPath(settings.Out))!;
        var experiment = advice.Experiment(table, Path.GetRelativePath(folder, path));
        if (settings.Out is null)
        {
            terminal.Output.WriteLine();
            terminal.Output.WriteLine("An experiment that fits (--out FILE writes it to a file):");
            terminal.Output.WriteLine();
            terminal.Output.Write(experiment);
            return ExitCode.Done;
        }
        Save(settings.Out, experiment);
        terminal.Output.WriteLine();
        terminal.Output.WriteLine($"{settings.Out} is written. Next: flctl start --local --config {settings.Out}");
        return ExitCode.Done;
    }

    private static void Save(string path, string text)
    {
        try
        {
            using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew));
            file.Write(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ExperimentException($"The experiment cannot be written to '{path}': {e.Message}");
        }
    }

    private void Show(TableProfile table, TableAdvice advice)
    {
        terminal.Output.WriteLine($"{table.Rows} rows, {table.Columns.Count} columns, separator {table.Separator}, "
            + (table.Header ? "the first line names the columns" : "no line names the columns"));
        var grid = new Table().SimpleBorder();
        foreach (var title in (string[])["column", "role", "holds", "missing", "different", "values"])
            grid.AddColumn(title is "missing" or "different" ? new TableColumn(title).RightAligned() : new(title));
        foreach (var column in table.Columns.Take(ShownColumns))
            grid.AddRow(new Text(column.Name), new Text(RoleOf(column, advice)), new Text(column.Kind),
                new Text(Number(column.Missing)), new Text(Number(column.Distinct)), new Text(ValuesOf(column)));
        terminal.Console.Write(grid);
        if (table.Columns.Count > ShownColumns)
            terminal.Output.WriteLine($"… and {table.Columns.Count - ShownColumns} more columns");
    }

    private static string RoleOf(ColumnProfile column, TableAdvice advice) =>
        column.Name == advice.Target ? advice.IsClass ? "target, a class" : "target, a number"
        : column.Name == advice.User ? "user, a node each"
        : advice.Columns.Count == 0 || advice.Columns.Contains(column.Name) ? "input" : "left out";

    private static string ValuesOf(ColumnProfile column) => column.Kind == "numbers" && column.Distinct > ShownValues
        ? $"{Short(column.Least)} to {Short(column.Largest)}, mean {Short(column.Mean)}"
        : string.Join(", ", column.Common.Take(ShownValues).Select(v => $"{v.Value} ({Number(v.Rows)})"))
            + (column.Distinct > ShownValues ? ", …" : "");

    private static string Short(double value) => value.ToString("G5", CultureInfo.InvariantCulture);

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
