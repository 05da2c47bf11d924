using System.Collections.Frozen;
using System.Reflection;
using System.Text.RegularExpressions;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Components;

/// <summary>The components of one kind: name → class → options, and the sentence when a name is wrong.</summary>
public sealed partial class ComponentCatalog
{
    private readonly FrozenDictionary<string, ComponentSpec> _byName;

    /// <summary>The catalog of the components among some classes.</summary>
    /// <param name="kind">The kind's base class.</param>
    /// <param name="types">Where to look; what is no component of the kind is passed over.</param>
    internal ComponentCatalog(Type kind, IEnumerable<Type> types)
    {
        KindType = kind;
        All = [.. types.Where(IsComponent).Select(SpecOf).OrderBy(s => s.Name, StringComparer.Ordinal)];
        _byName = Index(All);
    }

    /// <summary>Name of the kind, as users read it.</summary>
    public string Kind => KindType.Name;

    /// <summary>The kind's base class.</summary>
    public Type KindType { get; }

    /// <summary>All components, ordered by name.</summary>
    public IReadOnlyList<ComponentSpec> All { get; }

    /// <summary>The component of that name; null if there is none.</summary>
    /// <param name="name">Canonical name or alias.</param>
    public ComponentSpec? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>A new instance of a component.</summary>
    /// <param name="name">Canonical name or alias.</param>
    /// <param name="options">Its options; null for its defaults.</param>
    /// <exception cref="ExperimentException">There is no component of that name.</exception>
    /// <exception cref="ArgumentException">The options are another component's.</exception>
    public object Create(string name, object? options)
    {
        var spec = Find(name) ?? throw new ExperimentException(Unknown(name));
        options ??= spec.DefaultOptions();
        if (options?.GetType() != spec.OptionsType)
            throw new ArgumentException($"{Kind} '{spec.Name}' takes no such options: {options}.", nameof(options));
        var arguments = options is null ? [] : new[] { options };
        return ConstructorOf(spec.Type).Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    /// <summary>The sentence for a name that no component has.</summary>
    /// <param name="name">The name asked for.</param>
    public string Unknown(string name) =>
        $"There is no {Kind} named {Spelling.Quote(name)}." +
        (All.Count == 0 ? "" : $" Known: {string.Join(", ", All.Select(s => s.Name))}.") +
        Spelling.DidYouMean(name, All.Select(s => s.Name).Concat(All.SelectMany(s => s.Aliases)));

    private bool IsComponent(Type type) =>
        !type.IsAbstract && KindType.IsAssignableFrom(type) && type.IsDefined(typeof(ComponentAttribute), false);

    private ComponentSpec SpecOf(Type type)
    {
        var attribute = type.GetCustomAttribute<ComponentAttribute>()!; // IsComponent saw it
        if (!KebabCase().IsMatch(attribute.Name))
            throw new InvalidOperationException($"The name '{attribute.Name}' of {type} is not kebab-case.");
        var spec = new ComponentSpec
        {
            Kind = Kind,
            Name = attribute.Name,
            Aliases = attribute.Aliases,
            Summary = attribute.Summary,
            Source = attribute.Source,
            Type = type,
            OptionsType = ConstructorOf(type).GetParameters() is [var parameter] ? parameter.ParameterType : null,
        };
        if (spec.Options.Any(o => o.Key == "name"))
            throw new InvalidOperationException(
                $"{spec.OptionsType} has an option 'name', which is the component's own.");
        return spec;
    }

    private static ConstructorInfo ConstructorOf(Type type) =>
        type.GetConstructors() is [var only] && only.GetParameters().Length <= 1
            ? only
            : throw new InvalidOperationException(
                $"{type} needs exactly one public constructor, with no parameter or with its options.");

    private static FrozenDictionary<string, ComponentSpec> Index(IEnumerable<ComponentSpec> specs)
    {
        Dictionary<string, ComponentSpec> index = [];
        foreach (var spec in specs)
            foreach (var name in spec.Aliases.Prepend(spec.Name))
                if (!index.TryAdd(name, spec))
                    throw new InvalidOperationException(
                        $"{index[name].Type} and {spec.Type} are both {spec.Kind} '{name}'; give one another name.");
        return index.ToFrozenDictionary(StringComparer.Ordinal);
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex KebabCase();
}
