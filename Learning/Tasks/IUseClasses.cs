namespace Orleans.FL.Learning.Tasks;

/// <summary>A component that works on classes of samples, and so only with tasks that have them.</summary>
public interface IUseClasses
{
    /// <summary>
    /// What to choose for a task without classes, e.g. <c>take iid</c>; null if this component, with its
    /// options, needs none.
    /// </summary>
    string? WithoutClasses { get; }
}
