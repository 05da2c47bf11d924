using System.ComponentModel;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Silo.Security;

namespace Orleans.FL.Silo.Options;

/// <summary>
/// Reads <see cref="SiloOptions"/> from a file, the environment and the command line; the later ones win.
/// </summary>
public static class SiloOptionsReader
{
    /// <summary>File that is read if it exists and no other is named.</summary>
    public const string DefaultFile = "appsettings.json";

    private const string Prefix = "ORLEANS_FL_";

    private static readonly PropertyInfo[] Keys =
        [.. typeof(SiloOptions).GetProperties().Where(p => p.IsDefined(typeof(DescriptionAttribute)))];

    /// <summary>Reads the options; collects every error.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="environment">Looks up an environment variable.</param>
    /// <param name="folder">Working folder, where <see cref="DefaultFile"/> may lie.</param>
    public static SiloOptionsReading Read(IReadOnlyList<string> args, Func<string, string?> environment, string folder)
    {
        var errors = new List<string>();
        var flags = SiloFlags.Parse(args, [.. Keys.Select(FlagOf), "--config"], errors);
        var values = new Dictionary<PropertyInfo, (string Value, string Place)>();
        foreach (var (key, value, place) in FileValues(flags.GetValueOrDefault("--config"), folder, errors))
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
            Set(options, key, value, place, errors);
        return new(options, errors, flags.ContainsKey("--help"));
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
              dotnet run --project Silo -- --silo-port 11112 --gateway-port 30001 --http-port 8081
                  --primary 127.0.0.1:11111

            THREE MACHINES, a silo on each (10.0.0.1 to 10.0.0.3), and PostgreSQL on the machine db:
              export ORLEANS_FL_CLUSTERING=postgres
              export ORLEANS_FL_DATABASE='Host=db;Database=fl;Username=fl;Password=secret'
              flctl cluster init                                                       once, from anywhere
              flctl cluster certificates --out certificates --name a --name b --name c once; each machine gets
                                                                       ca.pem and its own two files
              export ORLEANS_FL_TLS_AUTHORITY=ca.pem ORLEANS_FL_TLS_CERTIFICATE=a.pem ORLEANS_FL_TLS_KEY=a.key
              export ORLEANS_FL_HTTP_KEY=$(openssl rand -hex 16)
              dotnet run --project Silo -- --bind 10.0.0.1 --labels zone=a,gpu=a100    on the first
              dotnet run --project Silo -- --bind 10.0.0.2                             on the second
              dotnet run --project Silo -- --bind 0.0.0.0 --advertise 10.0.0.3         on the third
              flctl cluster add lab --gateway 10.0.0.1:30000 --gateway 10.0.0.2:30000 --gateway 10.0.0.3:30000
                  --certificate client.pem --key client.key --authority ca.pem         once, where you work
              flctl start experiment.json --cluster lab
            The same with Redis: ORLEANS_FL_CLUSTERING=redis, ORLEANS_FL_DATABASE='db:6379,password=secret'.

            FLAGS (flag, then key of the file, then environment variable; a flag wins over the environment,
            that over the file)

            """);
        var defaults = new SiloOptions();
        foreach (var key in Keys)
            help.Append($"  {FlagOf(key),-19} {KeyOf(key),-15} {VariableOf(key),-28} ").AppendLine(
                Summary(key, defaults));
        return help.Append($"""
              --config            a JSON file with these keys; {DefaultFile} of the working folder is read
                                  without being named
              --help              this page

            Everything listens on 127.0.0.1 only, unless --bind says otherwise; what others reach needs TLS and a key
            for the web pages (or --insecure true, in a network of which you trust every machine). The machines' clocks
            must agree to a few seconds. Ctrl+C or SIGTERM stops the silo; what runs have committed is kept, and they
            go on with the silos that are left or when it is back.
            """).ToString();
    }

    private static string Summary(PropertyInfo key, SiloOptions defaults) =>
        key.GetCustomAttribute<DescriptionAttribute>()!.Description // Keys holds only properties that have one
        + (key.GetValue(defaults) is var value and not ("" or false) ? $" Default: {Word(value)}." : "");

    private static object? Word(object? value) => value is Enum ? $"{value}".ToLowerInvariant() : value;

    private static List<(PropertyInfo Key, string Value, string Place)> FileValues(
        string? named, string folder, List<string> errors)
    {
        var path = Path.Combine(folder, named ?? DefaultFile);
        if (!File.Exists(path))
        {
            if (named is not null) errors.Add($"--config: there is no file {path}.");
            return [];
        }
        try
        {
            var text = UserFile.Read(path, UserFile.LargestSettings, m => new IOException(m));
            using var document = JsonDocument.Parse(text,
                new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 8 });
            return FileValues(document.RootElement, named ?? DefaultFile, errors);
        }
        catch (JsonException e)
        {
            errors.Add($"{named ?? DefaultFile}: the file is not JSON: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{named ?? DefaultFile}: {e.Message}");
        }
        return [];
    }

    private static List<(PropertyInfo Key, string Value, string Place)> FileValues(
        JsonElement root, string file, List<string> errors)
    {
        var values = new List<(PropertyInfo, string, string)>();
        if (root.ValueKind != JsonValueKind.Object)
        {
            errors.Add($"{file}: the file must hold a JSON object.");
            return values;
        }
        foreach (var member in root.EnumerateObject())
        {
            var key = Array.Find(Keys, k => KeyOf(k).Equals(member.Name, StringComparison.OrdinalIgnoreCase));
            if (key is null)
                errors.Add($"{file}: there is no key '{member.Name}'; known: {string.Join(", ", Keys.Select(KeyOf))}.");
            else if (member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number
                or JsonValueKind.True or JsonValueKind.False)
                values.Add((key, member.Value.ToString(), $"{file}: {KeyOf(key)}"));
            else
                errors.Add($"{file}: {KeyOf(key)} must be a {KindOf(key)}.");
        }
        return values;
    }

    private static void Set(SiloOptions options, PropertyInfo key, string value, string place, List<string> errors)
    {
        if (key.PropertyType == typeof(string)) key.SetValue(options, value);
        else if (key.PropertyType.IsEnum) SetWord(options, key, value, place, errors);
        else if (key.PropertyType == typeof(bool))
        {
            if (bool.TryParse(value, out var yes)) key.SetValue(options, yes);
            else errors.Add($"{place}: '{value}' is neither true nor false.");
        }
        else if (int.TryParse(value, out var number)) key.SetValue(options, number);
        else errors.Add($"{place}: '{value}' is no whole number.");
    }

    private static void SetWord(SiloOptions options, PropertyInfo key, string value, string place, List<string> errors)
    {
        // Not Enum.TryParse alone: that takes numbers and lists as well.
        var word = Array.Find(
            Enum.GetNames(key.PropertyType), n => n.Equals(value, StringComparison.OrdinalIgnoreCase));
        if (word is not null) key.SetValue(options, Enum.Parse(key.PropertyType, word));
        else
        {
            var known = string.Join(", ", Enum.GetNames(key.PropertyType)).ToLowerInvariant();
            errors.Add($"{place}: '{value}' is none of {known}.");
        }
    }

    private static string KindOf(PropertyInfo key) =>
        key.PropertyType == typeof(int) ? "number" : key.PropertyType == typeof(bool) ? "true or false" : "string";

    private static string KeyOf(PropertyInfo key) => JsonNamingPolicy.CamelCase.ConvertName(key.Name);

    private static string FlagOf(PropertyInfo key) => "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(key.Name);

    private static string VariableOf(PropertyInfo key) => Prefix
        + JsonNamingPolicy.SnakeCaseUpper.ConvertName(key.Name);
}

/// <summary>The result of reading a silo's options.</summary>
/// <param name="Options">The options; defaults where a value is invalid.</param>
/// <param name="Errors">What is wrong, one sentence each.</param>
/// <param name="Help">Whether the help page is asked for.</param>
public sealed record SiloOptionsReading(SiloOptions Options, IReadOnlyList<string> Errors, bool Help);
