namespace Orleans.FL.Learning.Parameters;

/// <summary>What an <see cref="Update"/> is made of: how long its vectors are, known before one of them comes.</summary>
/// <param name="Weights">Values of the main vector, 1 or more: a model, a part of one, or anything that fits the exchange.</param>
/// <param name="Extras">Its further vectors, each with another name.</param>
public sealed record UpdateShape(int Weights, IReadOnlyList<ExtraVector> Extras)
{
    /// <summary>Bytes of such an update, its vectors as float32.</summary>
    public long Bytes => sizeof(float) * (Weights + Extras.Sum(e => (long)e.Length));

    /// <summary>Why an update is not of this shape; null if it is.</summary>
    /// <param name="update">The update.</param>
    public string? Refusal(Update update)
    {
        if (update.Weights.Length != Weights) return $"{update.Weights.Length} values where {Weights} are expected";
        if (update.Extras.Count != Extras.Count || !Extras.All(e => update.Extras.ContainsKey(e.Name)))
            return $"{Names(update.Extras.Keys)} where {Names(Extras.Select(e => e.Name))} are expected";
        return Extras.FirstOrDefault(e => update.Extras[e.Name].Length != e.Length) is { Name: not null } wrong
            ? $"{update.Extras[wrong.Name].Length} values of {wrong.Name} where {wrong.Length} are expected" : null;
    }

    private static string Names(IEnumerable<string> extras) => string.Join(", ", extras.Order(StringComparer.Ordinal).Prepend("weights"));
}

/// <summary>A further vector of an update.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Length">Number of its values.</param>
public readonly record struct ExtraVector(string Name, int Length);
