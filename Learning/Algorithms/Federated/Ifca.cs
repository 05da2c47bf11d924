using System.Globalization;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>
/// Several shared models: each node trains the one that fits its data best, and each is averaged over those
/// that chose it.
/// </summary>
/// <remarks>
/// Ghosh, Chung, Yin, Ramchandran 2020, Algorithm 1 with model averaging (option II): the server sends all k models, a
/// node takes the one of the least loss on its training samples (the first of equal ones), trains it, and sends it with
/// its number. A model that nobody chose stays. Model 0 begins as every run's, the others with weights drawn for each.
/// The model that a node chose last is tested and recorded.
/// </remarks>
/// <param name="options">Client fraction and k.</param>
[Component("ifca", Summary = "Several shared models: "
    + "each node trains the one that fits its data best, and each is averaged over those that chose it.",
    Source = "Ghosh et al., An Efficient Framework for Clustered Federated Learning, NeurIPS 2020, arXiv:2006.04088, "
        + "Algorithm 1")]
public sealed class Ifca(Ifca.Options options) : FederatedAlgorithm(options)
{
    private const string Model = "ifca.model.";
    private const string Choice = "ifca.choice";
    private const string Chosen = "choice";

    /// <summary>Options of <see cref="Ifca"/>.</summary>
    public sealed record Options : FederatedOptions
    {
        /// <summary>Number of shared models.</summary>
        [Option("Number k of shared models.", Min = 1, Max = WidestBroadcast)]
        public int Models { get; init; } = 2;

        private const int WidestBroadcast = 64;
    }

    /// <inheritdoc/>
    protected override Requirements Needs => new() { Server = true, EachUpdate = true };

    /// <inheritdoc/>
    public override string MessageSchema => $"one of {options.Models} models";

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) =>
        [ExchangeKind.Gather, ExchangeKind.Broadcast];

    /// <inheritdoc/>
    public override UpdateShape Shape(ParameterLayout layout, Exchange exchange) =>
        new(layout.Length, exchange.Kind == ExchangeKind.Broadcast
            ? [.. Enumerable.Range(1, options.Models - 1).Select(k => new AuxiliaryVector(Name(k), layout.Length))]
            : [new AuxiliaryVector(Chosen, 1, IsExact: true)]);

    /// <inheritdoc/>
    public override LocalResult Train(Learner me)
    {
        var losses = Enumerable.Range(0, options.Models)
            .Select(k => me.Bench.Evaluate(ModelOf(me, k), me.Bench.Training).Loss).ToList();
        var best = Enumerable.Range(0, options.Models)
            .MinBy(k => double.IsNaN(losses[k]) ? double.PositiveInfinity : losses[k]);
        me.Remember(Choice, best);
        return me.Bench.Train(new TrainingTask(ModelOf(me, best)) { Optimizer = me.Optimizer });
    }

    /// <inheritdoc/>
    public override UpdateContent Content(Exchange exchange) => UpdateContent.Other;

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) => exchange.Kind == ExchangeKind.Broadcast
        ? new(ModelOf(me, 0), Enumerable.Range(1, options.Models - 1).ToDictionary(Name, k => ModelOf(me, k)))
        : new(me.Weights, new Dictionary<string, ParameterVector> { [Chosen] = ParameterVector.Own([ChoiceOf(me)]) });

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        var models = exchange.Kind == ExchangeKind.Broadcast
            ? [received.Mean(), .. Enumerable.Range(1, options.Models - 1).Select(k => received.Mean(Name(k)))]
            : Enumerable.Range(0, options.Models).Select(k => MeanOf(me, k, received)).ToArray();
        for (var k = 0; k < models.Length; k++) me.Memory[Model + Name(k)] = models[k];
        me.Weights = models[ChoiceOf(me)];
    }

    private static ParameterVector MeanOf(Learner me, int model, ReceivedUpdates received)
    {
        var chose = received.Updates.Where(h => h.Update.AuxiliaryVectors[Chosen].Span[0] == model).ToList();
        return chose.Count == 0 ? ModelOf(me, model) : ReceivedUpdates.Of(chose).Mean();
    }

    private static ParameterVector ModelOf(Learner me, int model) =>
        me.Memory.GetValueOrDefault(Model + Name(model)) ?? me.InitialWeights(model);

    private static int ChoiceOf(Learner me) => (int)(me.Numbers(Choice)?.Span[0] ?? 0);

    private static string Name(int model) => model.ToString("00", CultureInfo.InvariantCulture);
}
