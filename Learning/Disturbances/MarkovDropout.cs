using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Disturbances;

/// <summary>
/// Nodes drop out for some rounds and come back: a Markov chain of two states for each node, stationary from the
/// first round.
/// </summary>
/// <param name="options">How often, and for how long.</param>
[Component("markov-dropout",
    Summary = "Each node drops out and comes back by a Markov chain of its own, stationary from the first round on.",
    Source = "Gilbert, Capacity of a Burst-Noise Channel, Bell System Technical Journal 1960 (the chain of "
        + "two states)")]
public sealed class MarkovDropout(MarkovDropout.Options options) : Disturbance, ICheckSettings
{
    /// <summary>Options of markov-dropout.</summary>
    public sealed record Options
    {
        /// <summary>Share of the rounds that a node is away.</summary>
        [Option("Share of the rounds that a node is away, in the long run and in each round.",
            Min = 0, Max = 1, BelowMax = true)]
        public double Rate { get; init; } = 0.2;

        /// <summary>Mean length of an outage.</summary>
        [Option("Mean number of rounds that a node stays away; 1/(1 − rate) = independent of the round before.",
            Min = 1, Max = 1_000_000)]
        public double MeanRounds { get; init; } = 2;
    }

    /// <summary>
    /// Chance to drop out in the next round: what comes back in the long run must have gone, (1 − rate)·x = rate/mean.
    /// </summary>
    private double DropsOut => options.Rate / (1 - options.Rate) / options.MeanRounds;

    /// <inheritdoc/>
    public override bool IsAway(int round, NodeStreams node)
    {
        var stream = node.OfRun();
        var away = stream.NextDouble() < options.Rate;
        for (long end = 0; ; away = !away)
        {
            end += Rounds(away ? 1 / options.MeanRounds : DropsOut, stream.NextDouble());
            if (round < end) return away;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts) =>
        DropsOut <= 1 + 1e-9
            ? []
            : [new ValidationError("meanRounds",
                $"Nodes that are away in {options.Rate} of the rounds, and for {options.MeanRounds} rounds each time, "
                    + "would have to drop out more often than once a round; set meanRounds to "
                    + $"{Math.Ceiling(options.Rate / (1 - options.Rate) * 100 - 1e-6) / 100} or more, or lower rate.")];

    /// <summary>
    /// Rounds that a state lasts which ends with a chance each: a geometric number, from one uniform number of [0, 1).
    /// </summary>
    private static long Rounds(double chance, double uniform) => chance >= 1 ? 1
        : chance <= 0 ? int.MaxValue
        : 1 + (long)Math.Min(int.MaxValue, Math.Log(1 - uniform) / Math.Log(1 - chance));
}
