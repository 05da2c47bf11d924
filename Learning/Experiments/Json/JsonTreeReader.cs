using System.Text;
using System.Text.Json;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Experiments.Json;

/// <summary>
/// Reads JSON text, comments and trailing commas allowed, into a <see cref="JsonTree"/> within limits.
/// </summary>
internal ref struct JsonTreeReader
{
    /// <summary>The sentence, after a colon, for text that no UTF-8 can hold.</summary>
    public const string HalfPair = "the text has half of a surrogate pair (\\ud800 to \\udfff).";

    private static readonly UTF8Encoding Strict = new(false, true);
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly JsonLimits _limits;
    private readonly ErrorList _errors;
    private Utf8JsonReader _json;

    private JsonTreeReader(ReadOnlySpan<byte> bytes, JsonLimits limits, ErrorList errors)
    {
        _bytes = bytes;
        _limits = limits;
        _errors = errors;
        // One level more than allowed, so that the sentence about depth is ours.
        _json = new Utf8JsonReader(bytes, new JsonReaderOptions
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
            MaxDepth = limits.Depth + 1,
        });
    }

    /// <summary>The tree of a text; keys that are there twice are noted as errors, and the last one counts.</summary>
    /// <param name="text">The JSON text.</param>
    /// <param name="path">Path that the errors' paths begin with.</param>
    /// <param name="limits">How much is read.</param>
    /// <param name="errors">Where errors are noted.</param>
    /// <exception cref="JsonSyntaxException">The text is no JSON.</exception>
    /// <exception cref="ExperimentException">The text is over a limit.</exception>
    public static JsonTree Read(string text, string path, JsonLimits limits, ErrorList errors)
    {
        text = text.StartsWith('\uFEFF') ? text[1..] : text;
        if (text.Length > limits.Bytes) throw TooLong(path, limits);
        if (string.IsNullOrWhiteSpace(text)) throw new JsonSyntaxException("There is no JSON: the text is empty.");
        var bytes = Encode(text);
        if (bytes.Length > limits.Bytes) throw TooLong(path, limits);
        var reader = new JsonTreeReader(bytes, limits, errors);
        try
        {
            reader._json.Read();
            var tree = reader.Value(path);
            while (reader._json.Read()) { } // throws if anything but space and comments follows
            return tree;
        }
        catch (JsonException e)
        {
            throw new JsonSyntaxException(reader.Sentence(e));
        }
    }

    /// <summary>The refusal of a text that is too long.</summary>
    public static ExperimentException TooLong(string path, JsonLimits limits) => new(
        [new ValidationError(path, $"The text is too long: at most {limits.Bytes} bytes are read.")]);

    private JsonTree Value(string path) => _json.TokenType switch
    {
        JsonTokenType.StartObject => Map(path),
        JsonTokenType.StartArray => List(path),
        JsonTokenType.String => new JsonText(Text()),
        JsonTokenType.Number => new JsonNumber(Encoding.UTF8.GetString(_json.ValueSpan)),
        JsonTokenType.True or JsonTokenType.False => new JsonTruth(_json.GetBoolean()),
        _ => new JsonNull(),
    };

    private JsonMap Map(string path)
    {
        CheckDepth();
        var map = new JsonMap();
        while (_json.Read() && _json.TokenType != JsonTokenType.EndObject)
        {
            var key = Text();
            var keyPath = JsonPath.Key(path, key);
            if (map.Values.ContainsKey(key)) _errors.Add(keyPath, "The key is there twice; keep one.");
            _json.Read();
            map.Values[key] = Value(keyPath);
        }
        return map;
    }

    private JsonList List(string path)
    {
        CheckDepth();
        var list = new JsonList();
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (list.Items.Count == _limits.Items)
                throw new ExperimentException(
                    [new ValidationError(path, $"The list is too long: at most {_limits.Items} items are read.")]);
            // Only containers can hold an error, and a list of numbers may be long.
            var isContainer = _json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
            list.Items.Add(Value(isContainer ? JsonPath.Item(path, list.Items.Count) : path));
        }
        return list;
    }

    private readonly void CheckDepth()
    {
        if (_json.CurrentDepth >= _limits.Depth)
            throw new ExperimentException($"{Place(_json.TokenStartIndex)}: " +
                $"lists and objects may be nested {_limits.Depth} deep, not deeper.");
    }

    private readonly string Text()
    {
        try
        {
            return _json.GetString()!; // the token is a string or a key
        }
        catch (InvalidOperationException)
        {
            throw new JsonSyntaxException($"{Place(_json.TokenStartIndex)}: {HalfPair}");
        }
    }

    private static byte[] Encode(string text)
    {
        try
        {
            return Strict.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            var start = text.LastIndexOf('\n', Math.Max(0, e.Index - 1)) + 1;
            var line = text.AsSpan(0, start).Count('\n') + 1;
            throw new JsonSyntaxException($"Line {line}, column {e.Index - start + 1}: {HalfPair}");
        }
    }

    private readonly string Sentence(JsonException e)
    {
        var start = 0;
        for (var line = 0L; line < (e.LineNumber ?? 0); line++) start += _bytes[start..].IndexOf((byte)'\n') + 1;
        var reason = e.Message.Split(" LineNumber:")[0].Split(", when isFinalBlock")[0];
        return $"{Place(start + (e.BytePositionInLine ?? 0))}: {Spelling.Lower(reason)}";
    }

    private readonly string Place(long index)
    {
        var before = _bytes[..(int)Math.Min(index, _bytes.Length)];
        var column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        return $"Line {before.Count((byte)'\n') + 1}, column {column}";
    }
}
