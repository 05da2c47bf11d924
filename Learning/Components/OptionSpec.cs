using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Orleans.FL.Learning.Components;

/// <summary>What is known of an option: its key, what it sets, its type, default and range.</summary>
public sealed class OptionSpec
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<OptionSpec>> Known = new();
    private readonly PropertyInfo _property;

    private OptionSpec(PropertyInfo property, OptionAttribute attribute, object record)
    {
        _property = property;
        Key = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        Summary = attribute.Summary;
        Type = OptionType.Of(property.PropertyType);
        Required = property.IsDefined(typeof(RequiredMemberAttribute));
        Default = Required ? null : property.GetValue(record);
        Range = new OptionRange(attribute.Min, attribute.Max, attribute.AboveMin, attribute.BelowMax);
        Values = attribute.Values;
    }

    /// <summary>Its key in experiment files.</summary>
    public string Key { get; }

    /// <summary>What it sets, with its unit; one sentence.</summary>
    public string Summary { get; }

    /// <summary>Its type.</summary>
    public OptionType Type { get; }

    /// <summary>Whether a file must name it.</summary>
    public bool Required { get; }

    /// <summary>The value if the file does not name it; null if it must, or if unset is a value of its own.</summary>
    public object? Default { get; }

    /// <summary>The numbers allowed (for lists: of each item; for texts: of the length).</summary>
    public OptionRange Range { get; }

    /// <summary>The only texts allowed; empty if any is.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>The property that holds it.</summary>
    internal PropertyInfo Property => _property;

    /// <summary>What is allowed, in words: range or values; empty if anything of the type is.</summary>
    public string Allowed
    {
        get
        {
            if (Values.Count > 0) return string.Join(", ", Values);
            var range = Range.ToString();
            return range.Length > 0 && Type.Form == OptionForm.Text ? $"{range} characters" : range;
        }
    }

    /// <summary>The options of a record in declared order, those of its base records first.</summary>
    /// <param name="record">A record with a parameterless constructor.</param>
    /// <exception cref="InvalidOperationException">A property that can be set has no <see cref="OptionAttribute"/>,
    /// or a type that experiment files cannot express.</exception>
    public static IReadOnlyList<OptionSpec> Of(Type record) => Known.GetOrAdd(record, Describe);

    /// <summary>The value in a record.</summary>
    internal object? Get(object record) => _property.GetValue(record);

    /// <summary>Sets the value in a record that nobody else has seen yet.</summary>
    internal void Set(object record, object? value) => _property.SetValue(record, value);

    private static IReadOnlyList<OptionSpec> Describe(Type record)
    {
        var defaults = Activator.CreateInstance(record)
            ?? throw new InvalidOperationException($"{record} cannot be created.");
        return [.. record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.SetMethod is { IsPublic: true })
            .OrderBy(p => Depth(p.DeclaringType)).ThenBy(p => p.MetadataToken)
            .Select(p => Describe(p, defaults))];
    }

    private static OptionSpec Describe(PropertyInfo property, object defaults)
    {
        var attribute = property.GetCustomAttribute<OptionAttribute>() ?? throw new InvalidOperationException(
            $"{property.DeclaringType}.{property.Name} has no [Option]: every option is documented.");
        try
        {
            return new OptionSpec(property, attribute, defaults);
        }
        catch (NotSupportedException e)
        {
            throw new InvalidOperationException($"{property.DeclaringType}.{property.Name}: {e.Message}", e);
        }
    }

    private static int Depth(Type? type) => type is null ? 0 : 1 + Depth(type.BaseType);
}
