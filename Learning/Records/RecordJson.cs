using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orleans.FL.Learning.Records;

/// <summary>How the JSON files of a run folder are written and read.</summary>
internal static class RecordJson
{
    /// <summary>Camel case, indented; unknown members are skipped so that old readers read on.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter<RunOutcome>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>One line, no blanks: for files that are long.</summary>
    public static JsonWriterOptions Compact { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
