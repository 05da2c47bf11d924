namespace Orleans.FL.Learning.Updates;

/// <summary>
/// What an <see cref="Update"/> is made of: how long its vectors are, known before one of them comes.
/// </summary>
/// <param name="Weights">Values of the main vector, 1 or more: a model, a part of one, or anything that fits the
/// exchange.</param>
/// <param name="AuxiliaryVectors">Its further vectors, each with another name.</param>
public sealed record UpdateShape(int Weights, IReadOnlyList<AuxiliaryVector> AuxiliaryVectors)
{
    /// <summary>
    /// Whether no bit of the main vector may change on the way, as of ranks or packed bits; codecs leave it alone.
    /// </summary>
    public bool IsExact { get; init; }

    /// <summary>Why an update is not of this shape; null if it is.</summary>
    /// <param name="update">The update.</param>
    public string? Refusal(Update update)
    {
        if (update.Weights.Length != Weights) return $"{update.Weights.Length} values where {Weights} are expected";
        if (update.AuxiliaryVectors.Count != AuxiliaryVectors.Count
            || !AuxiliaryVectors.All(e => update.AuxiliaryVectors.ContainsKey(e.Name)))
            return $"{Names(update.AuxiliaryVectors.Keys)} where {Names(AuxiliaryVectors.Select(e => e.Name))} "
                + "are expected";
        return AuxiliaryVectors.FirstOrDefault(e => update.AuxiliaryVectors[e.Name].Length != e.Length)
            is { Name: not null } wrong
            ? $"{update.AuxiliaryVectors[wrong.Name].Length} values of {wrong.Name} where {wrong.Length} are expected"
            : null;
    }

    private static string Names(IEnumerable<string> auxiliary) =>
        string.Join(", ", auxiliary.Order(StringComparer.Ordinal).Prepend(Update.WeightsName));
}

/// <summary>A further vector of an update.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Length">Number of its values.</param>
/// <param name="IsExact">Whether no bit of it may change on the way, as of counts, places or packed bits; codecs leave
/// it alone.</param>
public readonly record struct AuxiliaryVector(string Name, int Length, bool IsExact = false);
