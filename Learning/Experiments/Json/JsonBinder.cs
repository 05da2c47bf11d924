using System.Globalization;
using System.Reflection;
using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Experiments.Json;

/// <summary>Turns JSON into records whose properties carry <see cref="OptionAttribute"/>.</summary>
/// <remarks>
/// Where a value of the record's own or of a default exists, keys that are left out keep it: an object is merged over
/// its default. An object that names another component than the default's starts from that component's defaults.
/// </remarks>
/// <param name="errors">Where errors are noted.</param>
internal sealed partial class JsonBinder(ErrorList errors)
{
    /// <summary>Values that take the place of a property's default when its object is merged.</summary>
    public Dictionary<PropertyInfo, object> Inherited { get; } = [];

    /// <summary>The record that a value stands for; null if it is wrong.</summary>
    public T? Bind<T>(JsonTree tree, string path) where T : class =>
        TryBind(OptionType.Of(typeof(T)), null, tree, path, null, out var value) ? (T?)value : null;

    private bool TryBind(
        OptionType type, OptionSpec? option, JsonTree tree, string path, object? basis, out object? value)
    {
        (var isBound, value) = (type.Form, tree) switch
        {
            (OptionForm.Settings, JsonMap map) => Settings(type.Type, map, path, basis, ""),
            (OptionForm.Component, JsonMap or JsonText) => Component(type, tree, path, (IChosenComponent?)basis),
            (OptionForm.List, JsonList list) => List(type, option, list, path),
            (OptionForm.Whole, JsonNumber number) => Whole(type, option, number, path),
            (OptionForm.Number, JsonNumber number) => Number(option, number, path),
            (OptionForm.Truth, JsonTruth truth) => (true, truth.Value),
            (OptionForm.Text, JsonText text) => Text(option, text, path),
            _ => Fail(path, WrongForm(type, tree)),
        };
        return isBound;
    }

    private (bool, object?) Settings(Type type, JsonMap map, string path, object? basis, string owner)
    {
        var options = OptionSpec.Of(type);
        var isBound = KeysAreKnown(map, options, path, owner);
        var record = Activator.CreateInstance(type)!; // options are records with a parameterless constructor
        foreach (var option in options)
        {
            if (basis is not null) option.Set(record, option.Get(basis));
            if (map.Values.TryGetValue(option.Key, out var tree))
            {
                var inherited = Inherited.GetValueOrDefault(option.Property) ?? option.Get(record);
                if (TryBind(option.Type, option, tree, JsonPath.Key(path, option.Key), inherited, out var value))
                    option.Set(record, value);
                else
                    isBound = false;
            }
            else if (option.Required && basis is null)
            {
                errors.Add(JsonPath.Key(path, option.Key), $"The key is missing. {option.Summary}");
                isBound = false;
            }
        }
        return (isBound, record);
    }

    private bool KeysAreKnown(JsonMap map, IReadOnlyList<OptionSpec> options, string path, string owner)
    {
        var known = options.Select(o => o.Key).ToList();
        var areKnown = true;
        foreach (var key in map.Values.Keys.Except(known))
        {
            if (owner.Length > 0 && key == ComponentKey) continue;
            areKnown = false;
            // Guessing what was meant is slow, and a file with a hundred thousand unknown keys needs no guesses.
            errors.Add(JsonPath.Key(path, key), errors.IsFull ? "" : Unknown(key, known, owner));
        }
        return areKnown;
    }

    private static string Unknown(string key, List<string> known, string owner)
    {
        var start = owner.Length > 0 ? $"{owner} has no option" : "There is no key";
        var all = known.Count == 0 ? "It takes none." : $"Known: {string.Join(", ", known)}.";
        return $"{start} {Spelling.Quote(key)}. {all}{Spelling.DidYouMean(key, known)}";
    }

    private (bool, object?) List(OptionType type, OptionSpec? option, JsonList list, string path)
    {
        var item = type.Item!; // a list has items
        var items = Array.CreateInstance(item.Type, list.Items.Count);
        var isBound = true;
        for (var i = 0; i < items.Length; i++)
        {
            if (TryBind(item, option, list.Items[i], JsonPath.Item(path, i), null, out var value))
                items.SetValue(value, i);
            else
                isBound = false;
        }
        return (isBound, isBound ? Activator.CreateInstance(type.Type, items) : null);
    }

    private (bool, object?) Fail(string path, string message)
    {
        errors.Add(path, message);
        return (false, null);
    }

    private static string WrongForm(OptionType type, JsonTree tree)
    {
        if (tree is JsonNull) return "The value is null; give a value, or leave the key out to keep its default.";
        var asked = type.Form switch
        {
            OptionForm.Component => $"the name of a component ({type.Words}) or an object with its name and options",
            OptionForm.Truth => type.Words,
            OptionForm.Settings => $"an {type.Words}",
            _ => $"a {type.Words}",
        };
        var remedy = tree switch
        {
            JsonText text when IsOneInQuotes(type.Form, text.Value) => " Write it without quotes.",
            JsonText text when type.Form is OptionForm.Number or OptionForm.Whole
                && IsOneInQuotes(OptionForm.Number, text.Value.Replace(',', '.')) => " Write a point, not a comma.",
            not (JsonMap or JsonList) when type.Form == OptionForm.Text => " Write it in double quotes.",
            _ => "",
        };
        return $"The value must be {asked}, but is {tree.Words}.{remedy}";
    }

    // A text of the command line had no quotes: there "three" is as good a text as any.
    private static bool IsOneInQuotes(OptionForm form, string text) => form switch
    {
        OptionForm.Whole => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        OptionForm.Number => double.TryParse(
            text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number),
        OptionForm.Truth => text is "true" or "false",
        _ => false,
    };
}
