namespace Orleans.FL.Learning.Paces;

/// <summary>Rounds made of arrivals, as they were told: under pace free nobody knows a round before its nodes have arrived. Thread-safe.</summary>
/// <param name="ranks">Ranks of the members; after the last round all of them hear the hub.</param>
/// <param name="hubbed">Whether a hub spreads its model.</param>
/// <param name="rounds">Rounds of the run.</param>
public sealed class ArrivalSchedule(IReadOnlyList<int> ranks, bool hubbed, int rounds) : VirtualSchedule
{
    private readonly Dictionary<int, VirtualRound> _told = [];
    private readonly Lock _gate = new();

    /// <summary>Whether a hub spreads its model, so that updates get stale.</summary>
    public bool Hubbed => hubbed;

    /// <summary>Makes a round; those before it are told.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="arrived">Who arrived, with the number of rounds done when it began, in the order of arrival.</param>
    /// <param name="begun">Who hears the hub's model of the end of the round, to begin with it; nobody where there is no hub.</param>
    public VirtualRound Make(int round, IReadOnlyList<(int Node, int Began)> arrived, IReadOnlyList<int> begun)
    {
        lock (_gate)
        {
            return new VirtualRound(
                double.NaN,
                [.. arrived.Select(a => new Finish(a.Node, double.NaN, hubbed ? round - a.Began : null, TrainingsBefore(a.Node, round)) { Began = a.Began })],
                !hubbed ? [] : round + 1 == rounds ? ranks : begun);
        }
    }

    /// <summary>Tells a round; what was told of later ones counts no more, unless the round was told the same before.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="happened">What makes it.</param>
    public void Tell(int round, VirtualRound happened)
    {
        lock (_gate)
        {
            if (_told.TryGetValue(round, out var known) && known.Finishes.SequenceEqual(happened.Finishes) && known.Begun.SequenceEqual(happened.Begun)) return;
            for (var later = round + 1; _told.Remove(later); later++) { }
            _told[round] = happened;
        }
    }

    /// <inheritdoc/>
    public override VirtualRound Of(int round)
    {
        lock (_gate) return _told.TryGetValue(round, out var told) ? told : throw new InvalidOperationException($"Who arrives in round {round + 1} is not known.");
    }

    /// <inheritdoc/>
    protected override VirtualRound Next(int round) => Of(round);

    private int TrainingsBefore(int node, int round)
    {
        while (--round >= 0)
            if (_told[round].Of(node) is { } before) return before.Trainings + 1;
        return 0;
    }
}
