using System.Reflection;

namespace Orleans.FL.Learning.Components;

/// <summary>The components of one kind, found by their attribute.</summary>
/// <typeparam name="T">The kind.</typeparam>
public static class Catalog<T> where T : class
{
    /// <summary>A new component.</summary>
    /// <param name="name">Its canonical name.</param>
    /// <param name="options">Its options; null if it has none.</param>
    public static T Create(string name, object? options)
    {
        var type = Array.Find(typeof(T).Assembly.GetTypes(), t => t is { IsClass: true, IsAbstract: false }
            && t.IsAssignableTo(typeof(T)) && t.GetCustomAttribute<ComponentAttribute>()?.Name == name)
            ?? throw new ArgumentException($"There is no {typeof(T).Name} named '{name}'.", nameof(name));
        return (T)Activator.CreateInstance(type, options is null ? [] : [options])!;
    }
}
