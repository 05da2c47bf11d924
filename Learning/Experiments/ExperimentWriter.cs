using System.Buffers;
using System.Collections;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments.Json;

namespace Orleans.FL.Learning.Experiments;

/// <summary>Writes experiments as the one text that equal experiments share.</summary>
public static class ExperimentWriter
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        IndentSize = 2,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The canonical JSON text: every key in declared order, every default written out.</summary>
    /// <remarks>
    /// Reading it gives an equal experiment. What is unset (null) is left out; lists of numbers are one line; the text
    /// ends with a newline.
    /// </remarks>
    /// <param name="experiment">The experiment.</param>
    public static string Canonical(Experiment experiment) => Text(experiment) + "\n";

    /// <summary>The experiment's identity: SHA-256 of its canonical text as UTF-8, in lower-case hex.</summary>
    /// <param name="experiment">The experiment.</param>
    public static string Hash(Experiment experiment) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(experiment))));

    /// <summary>The JSON text of a record or of any value that an option can have; no newline at the end.</summary>
    internal static string Text(object value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Indented)) Write(json, value);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case bool truth: json.WriteBooleanValue(truth); break;
            case int whole: json.WriteNumberValue(whole); break;
            case long whole: json.WriteNumberValue(whole); break;
            case double number: json.WriteNumberValue(number + 0.0); break; // -0 equals 0 and so is written as 0
            case string text: json.WriteStringValue(text); break;
            case IChosenComponent component: WriteComponent(json, component); break;
            case IEnumerable items: WriteList(json, items); break;
            default: WriteSettings(json, value, null); break;
        }
    }

    private static void WriteList(Utf8JsonWriter json, IEnumerable items)
    {
        if (HoldsNumbers(OptionType.Of(items.GetType())))
        {
            json.WriteRawValue(Line(items));
            return;
        }
        json.WriteStartArray();
        foreach (var item in items) Write(json, item);
        json.WriteEndArray();
    }

    private static bool HoldsNumbers(OptionType type) =>
        type.Item is { } item ? HoldsNumbers(item) : type.Form is OptionForm.Whole or OptionForm.Number;

    private static string Line(object value) =>
        value is IEnumerable items ? $"[{string.Join(", ", items.Cast<object>().Select(Line))}]" : Text(value);

    private static void WriteComponent(Utf8JsonWriter json, IChosenComponent component)
    {
        var options = component.Options ?? Catalogs.Of(component.Kind).Find(component.Name)?.DefaultOptions();
        WriteSettings(json, options, component.Name);
    }

    private static void WriteSettings(Utf8JsonWriter json, object? settings, string? name)
    {
        json.WriteStartObject();
        if (name is not null) json.WriteString(JsonBinder.ComponentKey, name);
        foreach (var option in settings is null ? [] : OptionSpec.Of(settings.GetType()))
        {
            if (option.Get(settings!) is not { } value) continue; // settings without options have none to get
            json.WritePropertyName(option.Key);
            Write(json, value);
        }
        json.WriteEndObject();
    }
}
