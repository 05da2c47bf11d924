using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Components;

/// <summary>The forms a value of an experiment file can have.</summary>
public enum OptionForm
{
    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>A finite number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Truth,

    /// <summary>Text.</summary>
    Text,

    /// <summary>A list of values of one form.</summary>
    List,

    /// <summary>A component: its name, or an object of its name and options.</summary>
    Component,

    /// <summary>An object with keys of its own.</summary>
    Settings,
}

/// <summary>The type of an option as experiment files see it.</summary>
/// <param name="Form">The form of its JSON.</param>
/// <param name="Type">The type in code, without <see cref="Nullable{T}"/>.</param>
public sealed record OptionType(OptionForm Form, Type Type)
{
    /// <summary>Type of the items of a list; null for other forms.</summary>
    public OptionType? Item { get; private init; }

    /// <summary>The kind's base class of a component; null for other forms.</summary>
    public Type? Kind { get; private init; }

    /// <summary>The type in words.</summary>
    public string Words => Form switch
    {
        OptionForm.Whole => "whole number",
        OptionForm.Number => "number",
        OptionForm.Truth => "true or false",
        OptionForm.Text => "text",
        OptionForm.List => $"list of {Item!.Plural}", // a list has items
        OptionForm.Component => Kind!.Name, // a component has a kind
        _ => "object",
    };

    private string Plural => Form switch
    {
        OptionForm.Truth => "values true or false",
        OptionForm.List => $"lists of {Item!.Plural}", // a list has items
        _ => $"{Words}s",
    };

    /// <summary>The type of an option declared with some type in code.</summary>
    /// <param name="type">The declared type.</param>
    /// <exception cref="NotSupportedException">Experiment files cannot express the type.</exception>
    public static OptionType Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(int) || type == typeof(long)) return new(OptionForm.Whole, type);
        if (type == typeof(double)) return new(OptionForm.Number, type);
        if (type == typeof(bool)) return new(OptionForm.Truth, type);
        if (type == typeof(string)) return new(OptionForm.Text, type);
        if (Argument(type, typeof(EquatableList<>)) is { } item) return new(OptionForm.List, type) { Item = Of(item) };
        if (Argument(type, typeof(Component<>)) is { } kind) return new(OptionForm.Component, type) { Kind = kind };
        if (type is { IsClass: true, IsAbstract: false } && type.GetConstructor([]) is not null)
            return new(OptionForm.Settings, type);
        throw new NotSupportedException($"An option cannot be of type {type}.");
    }

    private static Type? Argument(Type type, Type generic) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == generic ? type.GetGenericArguments()[0] : null;
}
