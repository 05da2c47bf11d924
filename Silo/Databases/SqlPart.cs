using System.Text.RegularExpressions;

namespace Orleans.FL.Silo.Databases;

/// <summary>A script, of Orleans or ours, and what it makes.</summary>
/// <param name="Name">What it is for, e.g. <c>Clustering</c>.</param>
/// <param name="Text">The script.</param>
internal sealed partial record SqlPart(string Name, string Text)
{
    /// <summary>The scripts for PostgreSQL, in the order in which they are run.</summary>
    public static IReadOnlyList<SqlPart> Postgres { get; } =
    [
        .. new[] { "Main", "Clustering", "Persistence", "Reminders" }.Select(
            n => new SqlPart(n, Script($"PostgreSQL-{n}"))),
        new("Checkpoints", Script("checkpoints")),
    ];

    /// <summary>Tables that it makes, in lower case.</summary>
    public string[] Tables { get; } = Names(TablePattern(), Text);

    /// <summary>Functions that it makes, in lower case.</summary>
    public string[] Functions { get; } = Names(FunctionPattern(), Text);

    /// <summary>Queries that it hands to Orleans, by key.</summary>
    public IReadOnlyDictionary<string, string> Queries { get; } = QueryPattern().Matches(Text)
        .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Replace("''", "'", StringComparison.Ordinal));

    /// <summary>The text of a script that is shipped in this assembly.</summary>
    /// <param name="name">Its name without <c>.sql</c>.</param>
    public static string Script(string name)
    {
        using var stream = typeof(SqlPart).Assembly.GetManifestResourceStream($"{name}.sql")
            ?? throw new InvalidOperationException($"The script {name}.sql is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string[] Names(Regex pattern, string text) =>
        [.. pattern.Matches(text).Select(m => m.Groups[1].Value.ToLowerInvariant())];

    [GeneratedRegex(@"^CREATE TABLE (?:IF NOT EXISTS )?(\w+)", RegexOptions.Multiline)]
    private static partial Regex TablePattern();

    [GeneratedRegex(@"^CREATE (?:OR REPLACE )?FUNCTION (\w+)", RegexOptions.Multiline)]
    private static partial Regex FunctionPattern();

    [GeneratedRegex(@"VALUES\s*\(\s*'(\w+)'\s*,\s*'((?:[^']|'')*)'\s*\)\s*;")]
    private static partial Regex QueryPattern();
}
