using System.Globalization;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments.Json;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Experiments;

/// <summary>A change of an experiment file from outside it: <c>training.optimizer.learningRate=0.1</c>.</summary>
/// <remarks>
/// Keys on the way that are not there are made. An index may be one past the end of its list, which adds an item.
/// Another name for a component drops the options of the one before, so its own options come after it.
/// </remarks>
internal sealed class ExperimentOverride(ErrorList errors)
{
    private const int LongestPath = 32;

    /// <summary>Applies one override, <c>path=value</c>; the value is JSON, or else a text.</summary>
    /// <param name="root">The file, changed in place.</param>
    /// <param name="record">The record that the file stands for.</param>
    /// <param name="text">The override.</param>
    public void Apply(JsonMap root, Type record, string text)
    {
        var split = text.IndexOf('=', StringComparison.Ordinal);
        if (split < 0)
        {
            errors.Add("",
                $"The override {Spelling.Quote(text)} has no '='; write path=value, e.g. training.epochs=2.");
            return;
        }
        if (Steps(text[..split]) is not { } steps)
        {
            errors.Add("", $"The override {Spelling.Quote(text)} has no path that can be followed; " +
                "write keys with dots and indices in brackets, e.g. nodeOverrides[0].nodes=[1,2].");
            return;
        }
        if (Value(text[(split + 1)..], steps.Aggregate(JsonPath.Root, PathOf)) is not { } value) return;
        Set(root, OptionType.Of(record), null, JsonPath.Root, steps, value);
    }

    private static string PathOf(string path, Step step) =>
        step.Index is { } index ? JsonPath.Item(path, index) : JsonPath.Key(path, step.Key);

    private JsonTree? Value(string text, string path)
    {
        try
        {
            return JsonTreeReader.Read(text, path, JsonLimits.Default, errors);
        }
        catch (JsonSyntaxException)
        {
            if (Spelling.IsWhole(text)) return new JsonText(text);
            errors.Add(path, $"Not readable: {JsonTreeReader.HalfPair}");
        }
        catch (ExperimentException e)
        {
            foreach (var error in e.Errors) errors.Add(path, error.Message);
        }
        return null;
    }

    /// <summary>The tree with the value set below it; the tree itself if that cannot be.</summary>
    private JsonTree Set(
        JsonTree? tree, OptionType? type, object? fallback, string path, ReadOnlySpan<Step> steps, JsonTree value)
    {
        if (steps.IsEmpty) return value;
        return steps[0].Index is { } index
            ? SetItem(tree ?? new JsonList(), type, path, index, steps[1..], value)
            : SetKey(Opened(tree, type), type, fallback, path, steps[0].Key, steps[1..], value);
    }

    private JsonTree SetItem(
        JsonTree tree, OptionType? type, string path, int index, ReadOnlySpan<Step> rest, JsonTree value)
    {
        if (tree is not JsonList list)
        {
            errors.Add(path, $"An override asks for item {index}, but the value is {tree.Words}.");
        }
        else if (index > list.Items.Count)
        {
            var count = list.Items.Count;
            errors.Add(path, $"An override asks for item {index}, but the list has {count}; the next is {count}.");
        }
        else
        {
            var old = index < list.Items.Count ? list.Items[index] : null;
            var item = Set(old, type?.Item, null, JsonPath.Item(path, index), rest, value);
            if (old is null) list.Items.Add(item);
            else list.Items[index] = item;
        }
        return tree;
    }

    private JsonTree SetKey(
        JsonTree tree, OptionType? type, object? fallback, string path, string key, ReadOnlySpan<Step> rest,
        JsonTree value)
    {
        if (tree is not JsonMap map)
        {
            errors.Add(path, $"An override asks for the key {Spelling.Quote(key)}, but the value is {tree.Words}.");
            return tree;
        }
        var spec = type?.Kind is { } kind ? Chosen(kind, map, fallback) : null;
        if (type?.Kind is not null && key == JsonBinder.ComponentKey && rest.IsEmpty)
        {
            var isSame = spec is not null && value is JsonText name && Catalogs.Of(type.Kind).Find(name.Value) == spec;
            if (!isSame) map.Values.Clear();
        }
        var record = type?.Form == OptionForm.Settings ? type.Type : spec?.OptionsType;
        var option = record is null ? null : OptionSpec.Of(record).FirstOrDefault(o => o.Key == key);
        map.Values[key] =
            Set(map.Values.GetValueOrDefault(key), option?.Type, option?.Default, JsonPath.Key(path, key), rest, value);
        return map;
    }

    /// <summary>The tree to set a key in: a component that is only a name becomes an object.</summary>
    private static JsonTree Opened(JsonTree? tree, OptionType? type)
    {
        var map = new JsonMap();
        if (tree is JsonText && type?.Form == OptionForm.Component) map.Values[JsonBinder.ComponentKey] = tree;
        else if (tree is not null) return tree;
        return map;
    }

    private static ComponentSpec? Chosen(Type kind, JsonMap map, object? fallback)
    {
        var name = map.Values.GetValueOrDefault(JsonBinder.ComponentKey) is JsonText text
            ? text.Value
            : (fallback as IChosenComponent)?.Name;
        return name is null ? null : Catalogs.Of(kind).Find(name);
    }

    /// <summary>The steps of a path; null if it is no path.</summary>
    private static Step[]? Steps(string path)
    {
        path = path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path;
        List<Step> steps = [];
        foreach (var part in path.Split('.', LongestPath + 1))
        {
            var bracket = part.IndexOf('[', StringComparison.Ordinal);
            var key = bracket < 0 ? part : part[..bracket];
            if (key.Length == 0 || key.Contains(']', StringComparison.Ordinal)) return null;
            steps.Add(new Step(key, null));
            if (bracket < 0) continue;
            if (!part.EndsWith(']')) return null;
            foreach (var index in part[(bracket + 1)..^1].Split("]["))
            {
                if (!int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
                steps.Add(new Step("", number));
            }
        }
        return steps.Count <= LongestPath ? [.. steps] : null;
    }

    private readonly record struct Step(string Key, int? Index);
}
