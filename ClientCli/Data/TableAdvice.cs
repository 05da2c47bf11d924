using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orleans.FL.Learning.Datasets;

namespace Orleans.FL.ClientCli.Data;

/// <summary>An experiment that fits a table: which column is the target, whose the rows are.</summary>
/// <param name="Target">The column that models predict.</param>
/// <param name="User">The column that says whose a row is; null if there is none.</param>
/// <param name="IsClass">Whether the target is a class.</param>
/// <param name="Nodes">Number of nodes.</param>
/// <param name="LeavesOut">Whether rows without a value are left out.</param>
/// <param name="Columns">The input columns; empty for all but target and user.</param>
internal sealed record TableAdvice(
    string Target, string? User, bool IsClass, int Nodes, bool LeavesOut, IReadOnlyList<string> Columns)
{
    private const int MostClassesOfNumbers = 20, MostCategories = 50, NodesWithoutUsers = 4, MostNodes = 100;

    private static readonly string[] UserWords =
        ["user", "client", "hospital", "clinic", "site", "speaker", "subject", "patient", "writer", "author", "device"];
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Works out what fits.</summary>
    /// <param name="table">The table.</param>
    /// <param name="target">The target; null for the last column.</param>
    /// <param name="user">The column of users; null for one whose name says so.</param>
    /// <exception cref="Learning.Foundation.ExperimentException">There is no such column.</exception>
    public static TableAdvice Of(TableProfile table, string? target, string? user)
    {
        var chosen = (target is null ? null : table.ColumnOf(target)) ?? table.Columns[^1];
        var owner = (user is null ? null : table.ColumnOf(user)) ?? (user is null
            ? table.Columns.FirstOrDefault(c => c != chosen && c.Distinct > 1 && SaysUser(c.Name)) : null);
        var isClass = chosen.Kind == "text" || (chosen.Distinct <= MostClassesOfNumbers && chosen.Numbers > 0
            && chosen.Least == Math.Floor(chosen.Least) && chosen.Common.All(v => v.Value.All(char.IsAsciiDigit)));
        var inputs = table.Columns.Where(c => c != chosen && c != owner).ToList();
        var usable = inputs
            .Where(c => c.Kind == "numbers" || (c.Kind == "text" && c.Distinct <= MostCategories)).ToList();
        return new TableAdvice(chosen.Name, owner?.Name, isClass,
            owner is null ? NodesWithoutUsers : Math.Min(owner.Distinct, MostNodes),
            usable.Append(chosen).Any(c => c.Missing > 0),
            usable.Count == inputs.Count ? [] : [.. usable.Select(c => c.Name)]);
    }

    /// <summary>The experiment as the text of a file.</summary>
    /// <param name="table">The table.</param>
    /// <param name="file">The table's file, as seen from the experiment's folder.</param>
    public string Experiment(TableProfile table, string file)
    {
        var data = new JsonObject { ["name"] = "csv", ["file"] = file, ["target"] = Target };
        if (IsClass) data["kind"] = "class";
        if (User is not null) data["user"] = User;
        if (Columns.Count > 0) data["columns"] = new JsonArray([.. Columns.Select(c => JsonValue.Create(c))]);
        if (!table.Header) data["header"] = false;
        if (table.Separator != "comma") data["separator"] = table.Separator;
        if (LeavesOut) data["missing"] = "leave-out";
        return new JsonObject
        {
            ["name"] = NameOf(file),
            ["seed"] = 1,
            ["nodes"] = Nodes,
            ["rounds"] = 20,
            ["algorithm"] = "fedavg",
            ["topology"] = "star",
            ["dataset"] = data,
            ["partitioner"] = User is null ? "iid" : "natural",
            ["model"] = new JsonObject { ["name"] = "mlp", ["hidden"] = new JsonArray(32) },
            ["training"] = new JsonObject
            {
                ["epochs"] = 1,
                ["batchSize"] = 10,
                ["optimizer"] = new JsonObject { ["name"] = "sgd", ["learningRate"] = 0.05 },
            },
        }.ToJsonString(Layout) + Environment.NewLine;
    }

    private static bool SaysUser(string name) =>
        UserWords.Any(word => name.StartsWith(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>A name that an experiment may have: letters, digits and dashes.</summary>
    private static string NameOf(string file)
    {
        var letters = Path.GetFileNameWithoutExtension(file).ToLowerInvariant()
            .Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-').ToArray();
        var name = new string(letters).Trim('-');
        return name.Length == 0 ? "table" : name;
    }
}
