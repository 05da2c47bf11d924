namespace Orleans.FL.Learning.Plans;

/// <summary>What a round does without, and whether it brings anything.</summary>
public sealed partial class Plan
{
    /// <summary>Whether others receive through a node what it received before in the same round: then it takes part
    /// even if its own training fails, and only its own update is missing.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public bool PassesOn(int node, int round)
    {
        if (EndsInBroadcast) return Exchanges.Count > 1 && Members(round).Server == node;
        for (var exchange = 1; exchange < Exchanges.Count; exchange++)
            if (ReceiverCount(node, round, exchange) > 0 && HasReceived(node, round, exchange)) return true;
        return false;
    }

    /// <summary>What is recorded of a node that passes on what it received, and whose own training failed.</summary>
    /// <param name="reason">Why it failed, in a sentence.</param>
    public static string Untrained(string reason) =>
        $"{reason} It combined the updates of the others without one of its own.";

    /// <summary>The nodes from which nothing is received in an exchange.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the exchange.</param>
    /// <param name="absent">Those that are absent.</param>
    /// <param name="untrained">Those that are there, and whose training failed: they send again when they have
    /// received.</param>
    public IEnumerable<int> Silent(int round, int exchange, IEnumerable<int> absent, IEnumerable<int> untrained) =>
        absent.Concat(untrained.Where(n => !HasReceived(n, round, exchange))).Distinct();

    /// <summary>Why a run fails that has learnt nothing for as many rounds as
    /// <see cref="Experiments.SeatingSettings.FruitlessRounds"/> says, or for all its rounds; null if it goes
    /// on.</summary>
    /// <param name="done">Rounds done.</param>
    /// <param name="missesOf">Who missed what in a round, from 0.</param>
    public string? RefusalOfFruitlessRounds(int done, Func<int, RoundMisses> missesOf)
    {
        var most = Math.Min(Experiment.Seating.FruitlessRounds, Experiment.Rounds);
        if (most == 0 || done < most) return null;
        (int Node, string Reason)? last = null;
        for (var round = done - most; round < done; round++)
            if ((last = Fruitless(round, missesOf(round))) is null) return null;
        return $"Nobody's update was usable in {(most == 1 ? "a round" : $"{most} rounds in a row")} "
            + $"(seating.fruitlessRounds), so nothing is learnt. Node {last!.Value.Node}: {last.Value.Reason}";
    }

    /// <summary>A node because of which a round brought nothing: all that were to train, and were not away by plan,
    /// gave no update, or the server did not combine them; null if it brought something.</summary>
    private (int Node, string Reason)? Fruitless(int round, RoundMisses misses)
    {
        var server = Members(round).Server;
        if (PassesOn(server, round) && misses.Absent.TryGetValue(server, out var why)) return (server, why);
        var away = Away(round);
        int[] trainers = [.. Protocol.Trainers(round).Where(n => !away.ContainsKey(n))];
        return trainers.Length > 0 && trainers.All(misses.WithoutUpdate.ContainsKey)
            ? (trainers[0], misses.WithoutUpdate[trainers[0]])
            : null;
    }

    private bool HasReceived(int node, int round, int exchange)
    {
        for (var e = 0; e < exchange; e++)
            if (Row(node, round, e).Any(r => r.Node != node)) return true;
        return false;
    }
}

/// <summary>Who missed what in a round, by rank, with the reasons.</summary>
/// <param name="WithoutUpdate">Those whose training gave no update: absent before, or in it.</param>
/// <param name="Absent">Those that missed the exchanges, too.</param>
public sealed record RoundMisses(
    IReadOnlyDictionary<int, string> WithoutUpdate, IReadOnlyDictionary<int, string> Absent);
