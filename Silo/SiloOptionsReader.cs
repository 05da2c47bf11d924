using System.ComponentModel;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Orleans.FL.Silo.Security;

namespace Orleans.FL.Silo;

/// <summary>Reads <see cref="SiloOptions"/> from a file, the environment and the command line; the later ones win.</summary>
public static class SiloOptionsReader
{
    /// <summary>File that is read if it exists and no other is named.</summary>
    public const string DefaultFile = "appsettings.json";

    private const string Prefix = "ORLEANS_FL_";

    private static readonly PropertyInfo[] Keys =
        [.. typeof(SiloOptions).GetProperties().Where(p => p.IsDefined(typeof(DescriptionAttribute)))];

    /// <summary>Reads the options; collects every fault.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="environment">Looks up an environment variable.</param>
    /// <param name="folder">Working folder, where <see cref="DefaultFile"/> may lie.</param>
    public static SiloOptionsReading Read(IReadOnlyList<string> args, Func<string, string?> environment, string folder)
    {
        var faults = new List<string>();
        var flags = SiloFlags.Parse(args, [.. Keys.Select(FlagOf), "--config"], faults);
        var values = new Dictionary<PropertyInfo, (string Value, string Place)>();
        foreach (var (key, value, place) in FileValues(flags.GetValueOrDefault("--config"), folder, faults))
            values[key] = (value, place);
        foreach (var key in Keys)
            if (environment(VariableOf(key)) is { } value)
                values[key] = (value, VariableOf(key));
        foreach (var key in Keys)
            if (flags.TryGetValue(FlagOf(key), out var value))
                values[key] = (value, FlagOf(key));

        var options = new SiloOptions
        {
            HttpKey = environment(SiloOptions.HttpKeyVariable) ?? "",
            TlsPassword = environment(TlsFiles.PasswordVariable),
        };
        foreach (var (key, (value, place)) in values)
            Set(options, key, value, place, faults);
        return new(options, faults, flags.ContainsKey("--help"));
    }

    /// <summary>The help page.</summary>
    public static string Help()
    {
        var help = new StringBuilder("""
            Runs a silo: it holds the nodes of experiments and trains them. flctl starts and watches the experiments.

            USAGE
              dotnet run --project Silo -- [--config FILE] [--FLAG VALUE]...

            EXAMPLES
              dotnet run --project Silo
              dotnet run --project Silo -- --lanes 2 --runs runs --http-port 8081
              dotnet run --project Silo -- --silo-port 11112 --gateway-port 30001 --http-port 8081 --primary 127.0.0.1:11111

            FLAGS (flag, then key of the file, then environment variable; a flag wins over the environment, that over the file)

            """);
        var defaults = new SiloOptions();
        foreach (var key in Keys)
            help.Append($"  {FlagOf(key),-17} {KeyOf(key),-14} {VariableOf(key),-26} ").AppendLine(Summary(key, defaults));
        return help.Append($"""
              --config          a JSON file with these keys; {DefaultFile} of the working folder is read without being named
              --help            this page

            Without TLS and a key everything listens on 127.0.0.1 only. Ctrl+C or SIGTERM stops the silo; what runs have committed is kept.
            """).ToString();
    }

    private static string Summary(PropertyInfo key, SiloOptions defaults) =>
        key.GetCustomAttribute<DescriptionAttribute>()!.Description // Keys holds only properties that have one
        + (key.GetValue(defaults) is var value and not ("" or false) ? $" Default: {value}." : "");

    private static List<(PropertyInfo Key, string Value, string Place)> FileValues(
        string? named, string folder, List<string> faults)
    {
        var path = Path.Combine(folder, named ?? DefaultFile);
        if (!File.Exists(path))
        {
            if (named is not null) faults.Add($"--config: there is no file {path}.");
            return [];
        }
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path),
                new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 8 });
            return FileValues(document.RootElement, named ?? DefaultFile, faults);
        }
        catch (JsonException e)
        {
            faults.Add($"{named ?? DefaultFile}: the file is not JSON: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add($"{named ?? DefaultFile}: the file cannot be read: {e.Message}");
        }
        return [];
    }

    private static List<(PropertyInfo Key, string Value, string Place)> FileValues(
        JsonElement root, string file, List<string> faults)
    {
        var values = new List<(PropertyInfo, string, string)>();
        if (root.ValueKind != JsonValueKind.Object)
        {
            faults.Add($"{file}: the file must hold a JSON object.");
            return values;
        }
        foreach (var member in root.EnumerateObject())
        {
            var key = Array.Find(Keys, k => KeyOf(k).Equals(member.Name, StringComparison.OrdinalIgnoreCase));
            if (key is null)
                faults.Add($"{file}: there is no key '{member.Name}'; known: {string.Join(", ", Keys.Select(KeyOf))}.");
            else if (member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
                values.Add((key, member.Value.ToString(), $"{file}: {KeyOf(key)}"));
            else
                faults.Add($"{file}: {KeyOf(key)} must be a {KindOf(key)}.");
        }
        return values;
    }

    private static void Set(SiloOptions options, PropertyInfo key, string value, string place, List<string> faults)
    {
        if (key.PropertyType == typeof(string)) key.SetValue(options, value);
        else if (key.PropertyType == typeof(bool))
        {
            if (bool.TryParse(value, out var yes)) key.SetValue(options, yes);
            else faults.Add($"{place}: '{value}' is neither true nor false.");
        }
        else if (int.TryParse(value, out var number)) key.SetValue(options, number);
        else faults.Add($"{place}: '{value}' is no whole number.");
    }

    private static string KindOf(PropertyInfo key) =>
        key.PropertyType == typeof(int) ? "number" : key.PropertyType == typeof(bool) ? "true or false" : "string";

    private static string KeyOf(PropertyInfo key) => JsonNamingPolicy.CamelCase.ConvertName(key.Name);

    private static string FlagOf(PropertyInfo key) => "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(key.Name);

    private static string VariableOf(PropertyInfo key) => Prefix + JsonNamingPolicy.SnakeCaseUpper.ConvertName(key.Name);
}

/// <summary>What came of reading a silo's options.</summary>
/// <param name="Options">The options; defaults where a value is faulty.</param>
/// <param name="Faults">What is wrong, one sentence each.</param>
/// <param name="Help">Whether the help page is asked for.</param>
public sealed record SiloOptionsReading(SiloOptions Options, IReadOnlyList<string> Faults, bool Help);
