using System.Collections;
using System.Text.Json;
using Orleans.FL.Learning.Components;

namespace Orleans.FL.ClientCli.Components;

/// <summary>What is said of an option, the same in tables and JSON.</summary>
/// <param name="Key">Its key in experiment files.</param>
/// <param name="Type">Its type in words.</param>
/// <param name="Default">Its default in JSON; <c>required</c> if a file must name it; empty if unset is the
/// default.</param>
/// <param name="Allowed">Its range or values; empty if anything of the type will do.</param>
/// <param name="Summary">What it sets.</param>
internal sealed record OptionText(string Key, string Type, string Default, string Allowed, string Summary)
{
    public static OptionText Of(OptionSpec option) =>
        new(option.Key, option.Type.Words, option.Required ? "required" : Value(option.Default), option.Allowed,
            option.Summary);

    private static string Value(object? value) => value switch
    {
        null => "",
        bool truth => truth ? "true" : "false",
        string text => JsonSerializer.Serialize(text),
        IFormattable number => number.ToString(null, null),
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Value))}]",
        // A component of whatever kind is shown by its name.
        _ => value.GetType().GetProperty("Name")?.GetValue(value)?.ToString() ?? "",
    };
}
