using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces.Schedules;

namespace Orleans.FL.Learning.Paces;

/// <summary>Nodes go by the wall clock and wait for nobody: the update of the node whose training ends first is
/// received first.</summary>
/// <remarks>
/// Silos train ahead, and the order in which nodes arrive makes the rounds (<see cref="LiveSchedule"/>). It is
/// not the same twice, and recorded with each round: a run that lost a silo goes on with the same bytes, and its
/// <c>replay.json</c>, the experiment with <see cref="Options.Arrivals"/>, gives them again on any machines, or in
/// a simulation.
/// </remarks>
/// <param name="options">Arrivals of a run that is done again.</param>
[Component(Asynchronous, Summary = "Nodes go by the wall clock and wait for nobody; "
    + "who arrives when is recorded, and replay.json of a run gives its bytes again.")]
public sealed class AsynchronousPace(AsynchronousPace.Options options) : Pace, ICheckSettings
{
    /// <summary>Options of <see cref="AsynchronousPace"/>.</summary>
    public sealed record Options
    {
        /// <summary>Trainings of a run that was, in the order of their ends.</summary>
        [Option("Who arrived when in a run that is to be done again, in that order: "
            + "[node, rounds done when it began, round in which it arrived]; 0 for the round if it never did. "
            + "A run's replay.json holds them; leave them out to go by the clock.", Min = 0, Max = 1_000_000_000)]
        public EquatableList<EquatableList<int>> Arrivals { get; init; } = [];
    }

    /// <summary>Whether nodes go by the clock now, not by what is recorded.</summary>
    internal bool IsLive => options.Arrivals.Count == 0;

    /// <summary>Rounds as they were announced, or as they are recorded.</summary>
    /// <param name="ranks">Ranks of the members.</param>
    /// <param name="hasServer">Whether a server spreads its model.</param>
    /// <param name="rounds">Rounds of the run.</param>
    internal ArrivalSchedule Schedule(IReadOnlyList<int> ranks, bool hasServer, int rounds)
    {
        var schedule = new ArrivalSchedule(ranks, hasServer, rounds);
        if (IsLive) return schedule;
        var arrived = options.Arrivals.Where(a => a[2] > 0).ToLookup(a => a[2] - 1, a => (a[0], a[1]));
        var begun = options.Arrivals.ToLookup(a => a[1] - 1, a => a[0]);
        for (var round = 0; round < rounds; round++)
            schedule.Announce(round, schedule.Make(round, [.. arrived[round]], [.. begun[round]]));
        return schedule;
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        const string Remedy = "take the arrivals of a run's replay.json as they are";
        var free = new Dictionary<int, int>(); // by node, the rounds that were done when it could begin
        var latest = 0;
        for (var i = 0; i < options.Arrivals.Count; i++)
        {
            var arrival = options.Arrivals[i];
            if (arrival.Count != 3)
            {
                yield return new ValidationError($"arrivals[{i}]",
                    "An entry is [node, rounds done when it began, round in which it arrived].");
                yield break;
            }
            var (node, began, arrived) = (arrival[0], arrival[1], arrival[2]);
            var refusal = node >= facts.Nodes
                ? $"There is no node {node}: ranks are 0 to {facts.Nodes - 1}"
                : arrived > facts.Rounds
                    ? $"The run has {facts.Rounds} rounds, and node {node} arrives in round {arrived}"
                : began < free.GetValueOrDefault(node)
                    ? $"Node {node} begins after {began} rounds, while another training of it is under way"
                : arrived == 0 ? null
                : arrived <= began ? $"Node {node} arrives in round {arrived}, which is over when it begins"
                : arrived < latest || arrived > latest + 1 ? $"Round {arrived} comes after round {latest}"
                : null;
            if (refusal is not null)
            {
                yield return new ValidationError($"arrivals[{i}]", $"{refusal}; {Remedy}.");
                yield break;
            }
            free[node] = arrived == 0 ? began : arrived;
            if (arrived > 0) latest = arrived;
        }
        if (options.Arrivals.Count > 0 && latest < facts.Rounds)
            yield return new ValidationError("arrivals", $"Nobody arrives after round {latest}, "
                + $"and the run has {facts.Rounds} rounds; set rounds to {latest}, or {Remedy}.");
    }
}
