using System.Collections;

namespace Orleans.FL.Grains.Checkpoints;

/// <summary>The lines of a run's journal that can be trusted.</summary>
/// <param name="lines">The lines, in their order.</param>
/// <param name="error">See <see cref="ValidationError"/>.</param>
public sealed class JournalLines(IReadOnlyList<string> lines, string? error) : IReadOnlyList<string>
{
    /// <summary>Why lines that were there are left out, in one sentence; null if none are.</summary>
    /// <remarks>
    /// A last line that was being written when its writer was killed is no error: it was never acknowledged.
    /// </remarks>
    public string? ValidationError { get; } = error;

    /// <inheritdoc/>
    public int Count => lines.Count;

    /// <inheritdoc/>
    public string this[int index] => lines[index];

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => lines.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
