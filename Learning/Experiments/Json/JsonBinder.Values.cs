using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Experiments.Json;

internal sealed partial class JsonBinder
{
    /// <summary>The key that names a component within its object.</summary>
    internal const string ComponentKey = "name";

    private (bool, object?) Component(OptionType type, JsonTree tree, string path, IChosenComponent? basis)
    {
        var kind = type.Kind!; // a component has a kind
        var map = tree as JsonMap ?? new JsonMap();
        var (name, namePath) = (tree as JsonText, path);
        if (name is null)
        {
            namePath = JsonPath.Key(path, ComponentKey);
            if (map.Values.TryGetValue(ComponentKey, out var named) && named is not JsonText)
                return Fail(namePath, WrongForm(OptionType.Of(typeof(string)), named));
            name = named as JsonText ?? (basis is null ? null : new JsonText(basis.Name));
        }
        if (name is null) return Fail(namePath, $"The key is missing: the name of the component ({kind.Name}).");
        var catalog = Catalogs.Of(kind);
        if (catalog.Find(name.Value) is not { } spec) return Fail(namePath, catalog.Unknown(name.Value));
        var (isBound, options) = Options(spec, map, path, basis?.Name == spec.Name ? basis.Options : null);
        return (isBound, isBound ? Activator.CreateInstance(type.Type, spec.Name, options) : null);
    }

    private (bool, object?) Options(ComponentSpec spec, JsonMap map, string path, object? basis)
    {
        var owner = $"The {spec.Kind} '{spec.Name}'";
        return spec.OptionsType is { } options
            ? Settings(options, map, path, basis, owner)
            : (KeysAreKnown(map, [], path, owner), null);
    }

    private (bool, object?) Whole(OptionType type, OptionSpec? option, JsonNumber number, string path)
    {
        var (least, most) = type.Type == typeof(int) ? (int.MinValue, int.MaxValue) : (long.MinValue, long.MaxValue);
        var whole = number.Whole;
        if (whole is null && double.IsInteger(number.Value) is false && double.IsFinite(number.Value))
            return Fail(path, $"The value must be a whole number, but is {number.Words}.");
        if (whole is null || (option is not null && !option.Range.Contains(whole.Value)))
            return Fail(path, OutOfRange(option, number.Words));
        if (whole < least || whole > most) return Fail(path, OutOfRange(option, number.Words));
        return (true, type.Type == typeof(int) ? (object)(int)whole.Value : whole.Value);
    }

    private (bool, object?) Number(OptionSpec? option, JsonNumber number, string path)
    {
        var value = number.Value + 0.0; // -0 becomes 0: equal experiments have one text
        return double.IsFinite(value) && (option is null || option.Range.Contains(value))
            ? (true, value)
            : Fail(path, OutOfRange(option, number.Words));
    }

    private (bool, object?) Text(OptionSpec? option, JsonText text, string path)
    {
        if (option is null) return (true, text.Value);
        if (option.Values.Count > 0 && !option.Values.Contains(text.Value))
            return Fail(path, $"The value must be one of {string.Join(", ", option.Values)}, " +
                $"but is {Spelling.Quote(text.Value)}." + Spelling.DidYouMean(text.Value, option.Values));
        return option.Range.Contains(text.Value.EnumerateRunes().Count())
            ? (true, text.Value)
            : Fail(path, $"The text must have {option.Range} characters, but is {Spelling.Quote(text.Value)}.");
    }

    private static string OutOfRange(OptionSpec? option, string found)
    {
        var range = option?.Range.ToString() ?? "";
        return range.Length > 0
            ? $"The value is out of range ({range}): it is {found}."
            : $"The value is too large for a number here: it is {found}.";
    }
}
