using System.Globalization;
using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Experiments.Json;

/// <summary>A JSON value as it was written, which overrides may still change.</summary>
internal abstract class JsonTree
{
    /// <summary>The value in words, for the sentence that refuses it.</summary>
    public abstract string Words { get; }
}

/// <summary>An object; its keys are in the order of the file.</summary>
internal sealed class JsonMap : JsonTree
{
    /// <summary>The values by key.</summary>
    public OrderedDictionary<string, JsonTree> Values { get; } = [];

    /// <inheritdoc/>
    public override string Words => "an object";
}

/// <summary>A list.</summary>
internal sealed class JsonList : JsonTree
{
    /// <summary>The items.</summary>
    public List<JsonTree> Items { get; } = [];

    /// <inheritdoc/>
    public override string Words => "a list";
}

/// <summary>A text.</summary>
internal sealed class JsonText(string value) : JsonTree
{
    /// <summary>The text without quotes and escapes.</summary>
    public string Value => value;

    /// <inheritdoc/>
    public override string Words => $"the text {Spelling.Quote(value)}";
}

/// <summary>A number, kept as it was written.</summary>
internal sealed class JsonNumber(string raw) : JsonTree
{
    private const double LargestExact = 1L << 53;

    /// <summary>The nearest double; infinite if the number is too large for one.</summary>
    public double Value => double.Parse(raw, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>The whole number; null if it has a fraction or is out of a long's range.</summary>
    /// <remarks><c>3.0</c> and <c>1e3</c> are whole, as JSON Schema has it.</remarks>
    public long? Whole
    {
        get
        {
            if (long.TryParse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exact))
                return exact;
            var value = Value;
            return Math.Abs(value) <= LargestExact && double.IsInteger(value) ? (long)value : null;
        }
    }

    /// <inheritdoc/>
    public override string Words => Spelling.Clean(raw);
}

/// <summary>True or false.</summary>
internal sealed class JsonTruth(bool value) : JsonTree
{
    /// <summary>Which of the two.</summary>
    public bool Value => value;

    /// <inheritdoc/>
    public override string Words => value ? "true" : "false";
}

/// <summary>Null, which no key of an experiment takes.</summary>
internal sealed class JsonNull : JsonTree
{
    /// <inheritdoc/>
    public override string Words => "null";
}
