using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.UpdatePaths;

/// <summary>Whether an update can be taken in: its shape, and that its values are finite.</summary>
public static class UpdateValidation
{
    /// <summary>Larger values cannot be summed exactly.</summary>
    private const float Largest = 1 << 29;

    /// <summary>Why nobody would take an update; null if all would.</summary>
    /// <param name="update">The update.</param>
    /// <param name="composed">What the algorithm composed: vectors that are still the same are not looked
    /// through.</param>
    /// <param name="shape">What it must be made of.</param>
    /// <param name="limit">What each value must be below in magnitude.</param>
    public static string? Refusal(Update update, Update composed, UpdateShape shape, float limit)
    {
        if (shape.Refusal(update) is { } other) return other;
        if (!ReferenceEquals(update.Weights, composed.Weights)
            && Vectors.FirstNotBelow(update.Weights, limit) is { } value)
            return $"the value {value} among its weights";
        foreach (var (name, vector) in update.AuxiliaryVectors)
            if (!ReferenceEquals(vector, composed.AuxiliaryVectors[name])
                && Vectors.FirstNotBelow(vector, limit) is { } wrong)
                return $"the value {wrong} in its vector {name}";
        return null;
    }

    /// <summary>Refuses an update with values that are not finite.</summary>
    /// <param name="node">Rank of the sender.</param>
    /// <param name="update">The update.</param>
    /// <exception cref="NotSummableException">It has such values.</exception>
    public static void RequireFinite(int node, Update update)
    {
        foreach (var vector in update.AuxiliaryVectors.Values.Prepend(update.Weights)) RequireFinite(node, vector.Span);
    }

    /// <summary>Refuses values that are not finite.</summary>
    /// <param name="node">Rank of the sender.</param>
    /// <param name="values">Some values of its update.</param>
    /// <exception cref="NotSummableException">They are not all finite.</exception>
    public static void RequireFinite(int node, ReadOnlySpan<float> values)
    {
        if (Vectors.FirstNotBelow(values, Largest) is { } value)
            throw new NotSummableException($"The update of node {node} has diverged: one of its values is {value}.");
    }
}

/// <summary>
/// A node cannot go on in a round, and the others go on without it: what it sends is refused, or too little came.
/// </summary>
/// <param name="message">Why.</param>
public sealed class RefusedUpdateException(string message) : Exception(message);
