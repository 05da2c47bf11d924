namespace Orleans.FL.Grains.Interfaces;

/// <summary>A run cannot do what it is asked for; the message is a sentence for the user.</summary>
/// <param name="message">Which run, why, and what would do.</param>
[GenerateSerializer, Alias("fl.run-exception")]
public sealed class RunException(string message) : Exception(message)
{
    /// <summary>Another process works on a run.</summary>
    /// <param name="run">Run id.</param>
    public static RunException Elsewhere(string run) => new($"Run '{run}' is going on in another process, which alone "
        + $"can be asked about it; 'flctl show {run}' reads its folder.");
}
