namespace Orleans.FL.Learning.Paces.Schedules;

/// <summary>
/// Rounds made of arrivals, as they were announced: under pace asynchronous nobody knows a round before its nodes have
/// arrived. Thread-safe.
/// </summary>
/// <param name="ranks">Ranks of the members; after the last round all of them receive the server's model.</param>
/// <param name="hasServer">Whether a server spreads its model.</param>
/// <param name="rounds">Rounds of the run.</param>
public sealed class ArrivalSchedule(IReadOnlyList<int> ranks, bool hasServer, int rounds) : RoundSchedule
{
    private readonly Dictionary<int, ScheduledRound> _sent = [];
    private readonly Lock _gate = new();

    /// <summary>Whether a server spreads its model, so that updates get stale.</summary>
    public bool HasServer => hasServer;

    /// <summary>Makes a round; those before it are announced.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="arrived">Nodes that arrived, with the number of rounds done when each began, in the order of
    /// arrival.</param>
    /// <param name="begun">Nodes that receive the server's model of the end of the round, to begin with it; nobody
    /// where there is no server.</param>
    public ScheduledRound Make(int round, IReadOnlyList<(int Node, int Began)> arrived, IReadOnlyList<int> begun)
    {
        lock (_gate)
        {
            return new ScheduledRound(
                double.NaN,
                [.. arrived.Select(a =>
                    new Finish(a.Node, double.NaN, hasServer ? round - a.Began : null, TrainingsBefore(a.Node, round))
                    {
                        Began = a.Began
                    })],
                !hasServer ? [] : round + 1 == rounds ? ranks : begun);
        }
    }

    /// <summary>
    /// Announces a round; later rounds that were announced before count no more, unless this one was announced the
    /// same before.
    /// </summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="happened">What makes it.</param>
    public void Announce(int round, ScheduledRound happened)
    {
        lock (_gate)
        {
            if (_sent.TryGetValue(round, out var known) && known.Finishes.SequenceEqual(happened.Finishes)
                && known.Begun.SequenceEqual(happened.Begun))
                return;
            for (var later = round + 1; _sent.Remove(later); later++) { }
            _sent[round] = happened;
        }
    }

    /// <inheritdoc/>
    public override ScheduledRound Of(int round)
    {
        lock (_gate)
            return _sent.TryGetValue(round, out var sent)
                ? sent
                : throw new InvalidOperationException($"Who arrives in round {round + 1} is not known.");
    }

    /// <inheritdoc/>
    protected override ScheduledRound Next(int round) => Of(round);

    private int TrainingsBefore(int node, int round)
    {
        while (--round >= 0)
            if (_sent[round].Of(node) is { } before) return before.Trainings + 1;
        return 0;
    }
}
