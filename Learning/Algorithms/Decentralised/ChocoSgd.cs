using System.Runtime.InteropServices;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Decentralised;

/// <summary>
/// Gossip with compression: a node sends the largest changes against what its neighbours believe it to be.
/// </summary>
/// <remarks>
/// Koloskova, Stich, Jaggi 2019, Algorithm 2 (CHOCO-SGD) in its form with one sum a node: x̂ is what all believe of a
/// node, q = top-k(x − x̂) what it sends, x̂ ← x̂ + q; s = Σ wᵢⱼ·x̂ⱼ is kept by s ← s + Σ wᵢⱼ·qⱼ, and
/// x ← x + γ(s − x̂). All begin with the same weights, which x̂ and s begin with, where the paper has 0. With all
/// values sent and γ = 1 it is gossip. A node that is absent leaves its neighbours with an s that lags, and rows must
/// be the same in each round.
/// </remarks>
/// <param name="options">Share that is sent, γ.</param>
[Component("choco-sgd",
    Summary = "Gossip with compression: a node sends the largest changes against what its neighbours believe it to be.",
    Aliases = ["choco"], Source = "Koloskova et al., Decentralized Stochastic Optimization and Gossip Algorithms with "
        + "Compressed Communication, ICML 2019, arXiv:1902.00340, Algorithm 2")]
public sealed class ChocoSgd(ChocoSgd.Options options) : Algorithm
{
    private const string Belief = "choco.belief";
    private const string Mixed = "choco.mixed";
    private const string Values = "choco.values";
    private const string Places = "choco.places";
    private const string SentPlaces = "places";

    /// <summary>Options of <see cref="ChocoSgd"/>.</summary>
    public sealed record Options
    {
        /// <summary>Share of the values that is sent.</summary>
        [Option("Share of the model's values that is sent, the largest changes (top-k); each with its place, "
            + "so that a value costs 8 bytes.", Min = 0, Max = 1, AboveMin = true)]
        public double Sent { get; init; } = 0.1;

        /// <summary>Learning rate of the consensus.</summary>
        [Option("Learning rate γ of the consensus; the less is sent, the smaller.", Min = 0, Max = 1, AboveMin = true)]
        public double Gamma { get; init; } = 0.2;
    }

    /// <inheritdoc/>
    public override Requirements Requires => new() { EachUpdate = true, FixedRows = true, Connected = true };

    /// <inheritdoc/>
    public override string MessageSchema => $"the largest {options.Sent} of changes";

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.Neighbours];

    /// <inheritdoc/>
    public override UpdateShape Shape(ParameterLayout layout, Exchange exchange) =>
        new(CountOf(layout), [new AuxiliaryVector(SentPlaces, CountOf(layout), IsExact: true)])
        {
            IsExact = true, // sender and receivers add up the same values for ever
        };

    /// <inheritdoc/>
    public override void OnTrained(Learner me, LocalResult result)
    {
        var belief = BeliefOf(me);
        var change = Vectors.Combine(me.Weights, 1, belief, -1);
        var places = Largest(change.Span, CountOf(me.Layout));
        var (values, after) = (new float[places.Length], belief.Span.ToArray());
        for (var i = 0; i < places.Length; i++)
        {
            values[i] = change.Span[places[i]];
            after[places[i]] += values[i];
        }
        me.Memory[Mixed] = me.Memory.GetValueOrDefault(Mixed) ?? belief;
        me.Memory[Belief] = ParameterVector.Own(after);
        me.Remember(Values, values);
        // the bits of whole numbers: nobody computes with them
        me.Remember(Places, MemoryMarshal.Cast<int, float>(places.AsSpan()).ToArray());
    }

    /// <inheritdoc/>
    public override UpdateContent Content(Exchange exchange) => UpdateContent.Other;

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) =>
        new(me.Numbers(Values) ?? ParameterVector.Zeros(CountOf(me.Layout)), new Dictionary<string, ParameterVector>
        {
            [SentPlaces] = me.Numbers(Places) ?? ParameterVector.Zeros(CountOf(me.Layout))
        });

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        var mixed = Array.ConvertAll((me.Memory.GetValueOrDefault(Mixed) ?? BeliefOf(me)).Span.ToArray(),
            v => (double)v);
        foreach (var (node, weight, update) in received.Updates)
        {
            var (values, places) = (update.Weights,
                MemoryMarshal.Cast<float, int>(update.AuxiliaryVectors[SentPlaces].Span).ToArray());
            for (var i = 0; i < places.Length; i++)
            {
                if ((uint)places[i] >= (uint)mixed.Length)
                    throw new InvalidDataException(
                        $"Node {node} sends a change at {places[i]} of {mixed.Length} values.");
                mixed[places[i]] += weight * values.Span[i];
            }
        }
        var after = ParameterVector.Own(Array.ConvertAll(mixed, v => (float)v));
        me.Memory[Mixed] = after;
        me.Weights = Vectors.Combine(me.Weights, 1, Vectors.Combine(after, 1, BeliefOf(me), -1), options.Gamma);
    }

    private static ParameterVector BeliefOf(Learner me) => me.Memory.GetValueOrDefault(Belief) ?? me.InitialWeights(0);

    private int CountOf(ParameterLayout layout) =>
        (int)Math.Clamp(Portion.Round(options.Sent, layout.Length), 1, layout.Length);

    /// <summary>Places of the values of the largest magnitude, ascending; of equal ones the first.</summary>
    private static int[] Largest(ReadOnlySpan<float> values, int count)
    {
        var magnitudes = new float[values.Length];
        var places = new int[values.Length];
        for (var i = 0; i < values.Length; i++) (magnitudes[i], places[i]) = (-Math.Abs(values[i]), i);
        if (count < values.Length) places = [.. places.OrderBy(i => magnitudes[i]).Take(count).Order()];
        return places;
    }
}
