using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Experiments;

/// <summary>The JSON Schema of experiment files, for editors: generated from what the reader itself goes by.</summary>
/// <remarks>
/// The schema is a little wider than the reader: what holds between values, and which options a component without a
/// name takes, only the reader knows.
/// </remarks>
public static class ExperimentSchema
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The schema (JSON Schema 2020-12), indented, ends with a newline.</summary>
    public static string Text() => Text(typeof(Experiment), "An experiment of Orleans.FL.");

    /// <summary>The schema of the files that stand for a record.</summary>
    internal static string Text(Type record, string description)
    {
        var definitions = new JsonObject();
        var root = SettingsSchema(OptionSpec.Of(record), definitions);
        root.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        root.Insert(1, "description", description);
        var properties = root["properties"]!.AsObject(); // every record has properties
        properties.Insert(0, "$schema", new JsonObject { ["type"] = "string" });
        root["$defs"] = definitions;
        return root.ToJsonString(Indented) + "\n";
    }

    private static JsonObject SettingsSchema(IReadOnlyList<OptionSpec> options, JsonObject definitions)
    {
        var properties = new JsonObject();
        foreach (var option in options) properties[option.Key] = PropertySchema(option, definitions);
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
        var required = options.Where(o => o.Required).Select(o => (JsonNode)o.Key).ToArray();
        if (required.Length > 0) schema["required"] = new JsonArray(required);
        return schema;
    }

    private static JsonObject PropertySchema(OptionSpec option, JsonObject definitions)
    {
        var schema = TypeSchema(option.Type, option, definitions);
        schema.Insert(0, "description", option.Summary);
        if (option.Default is { } value) schema["default"] = JsonNode.Parse(ExperimentWriter.Text(value));
        return schema;
    }

    private static JsonObject TypeSchema(OptionType type, OptionSpec option, JsonObject definitions) => type.Form switch
    {
        OptionForm.Whole => WithRange(new JsonObject { ["type"] = "integer" }, option),
        OptionForm.Number => WithRange(new JsonObject { ["type"] = "number" }, option),
        OptionForm.Truth => new JsonObject { ["type"] = "boolean" },
        OptionForm.Text => TextSchema(option),
        OptionForm.List => new JsonObject
        {
            ["type"] = "array",
            ["items"] = TypeSchema(type.Item!, option, definitions), // a list has items
        },
        OptionForm.Component => ComponentReference(type.Kind!, option, definitions), // a component has a kind
        _ => SettingsReference(type.Type, definitions),
    };

    private static JsonObject WithRange(JsonObject schema, OptionSpec option)
    {
        var range = option.Range;
        if (double.IsFinite(range.Min)) schema[range.AboveMin ? "exclusiveMinimum" : "minimum"] = range.Min;
        if (double.IsFinite(range.Max)) schema[range.BelowMax ? "exclusiveMaximum" : "maximum"] = range.Max;
        return schema;
    }

    private static JsonObject TextSchema(OptionSpec option)
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (option.Values.Count > 0) schema["enum"] = new JsonArray([.. option.Values.Select(v => (JsonNode)v)]);
        if (double.IsFinite(option.Range.Min)) schema["minLength"] = (long)option.Range.Min;
        if (double.IsFinite(option.Range.Max)) schema["maxLength"] = (long)option.Range.Max;
        return schema;
    }

    private static JsonObject SettingsReference(Type record, JsonObject definitions)
    {
        if (!definitions.ContainsKey(record.Name))
        {
            definitions[record.Name] = null; // a place for it, should it contain itself
            definitions[record.Name] = SettingsSchema(OptionSpec.Of(record), definitions);
        }
        return Reference(record.Name);
    }

    private static JsonObject ComponentReference(Type kind, OptionSpec option, JsonObject definitions)
    {
        var catalog = Catalogs.Of(kind);
        if (!definitions.ContainsKey(kind.Name))
        {
            definitions[kind.Name] = null;
            foreach (var spec in catalog.All) definitions[NameOf(spec)] = ComponentSchema(spec, definitions);
            definitions[kind.Name] = KindSchema(catalog);
        }
        return option.Required || option.Default is null
            ? Reference(kind.Name)
            : new JsonObject { ["anyOf"] = new JsonArray([Reference(kind.Name), .. catalog.All.Select(Nameless)]) };
    }

    /// <summary>A name or alias, or an object whose name decides which options it may have.</summary>
    private static JsonObject KindSchema(ComponentCatalog catalog)
    {
        var names = catalog.All.SelectMany(NamesOf).ToList();
        return new JsonObject
        {
            ["if"] = new JsonObject { ["type"] = "string" },
            ["then"] = new JsonObject { ["enum"] = Names(names) },
            ["else"] = new JsonObject
            {
                ["type"] = "object",
                ["required"] = new JsonArray("name"),
                ["properties"] = new JsonObject { ["name"] = new JsonObject { ["enum"] = Names(names) } },
                ["allOf"] = new JsonArray([.. catalog.All.Select(Chosen)]),
            },
        };
    }

    private static JsonObject Chosen(ComponentSpec spec) => new()
    {
        ["if"] = new JsonObject
        {
            ["required"] = new JsonArray("name"),
            ["properties"] = new JsonObject { ["name"] = new JsonObject { ["enum"] = Names(NamesOf(spec)) } },
        },
        ["then"] = Reference(NameOf(spec)),
    };

    private static JsonObject Nameless(ComponentSpec spec)
    {
        var schema = Reference(NameOf(spec));
        schema["not"] = new JsonObject { ["required"] = new JsonArray("name") };
        return schema;
    }

    private static JsonObject ComponentSchema(ComponentSpec spec, JsonObject definitions)
    {
        var schema = SettingsSchema(spec.Options, definitions);
        var source = spec.Source.Length == 0 ? "" : $" Source: {spec.Source}";
        schema.Insert(0, "description", spec.Summary + source);
        var properties = schema["properties"]!.AsObject(); // every record has properties
        properties.Insert(0, "name", new JsonObject { ["enum"] = Names(NamesOf(spec)) });
        return schema;
    }

    private static IEnumerable<string> NamesOf(ComponentSpec spec) => spec.Aliases.Prepend(spec.Name);

    private static JsonArray Names(IEnumerable<string> names) => new([.. names.Select(n => (JsonNode)n)]);

    private static string NameOf(ComponentSpec spec) => $"{spec.Kind}.{spec.Name}";

    private static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/$defs/{definition}" };
}
