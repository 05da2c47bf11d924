namespace Orleans.FL.ClientCli.Topologies;

/// <summary>How fast values that nodes mix, and nothing else, come together; measured on random values.</summary>
/// <param name="Rounds">Rounds after which they differ by at most a thousandth of what they did; null if that was not
/// reached.</param>
/// <param name="Tried">Rounds that were tried.</param>
/// <param name="Exact">Whether they are all the same after one period, except rounding.</param>
internal sealed record Consensus(int? Rounds, int Tried, bool Exact)
{
    private const double Close = 1e-3;
    private const double Rounding = 1e-12;
    private const int Probes = 4;
    private const int MostRounds = 100_000;

    /// <summary>Longest trial, in products; seconds.</summary>
    private const long LongestTrial = 400_000_000;

    /// <summary>Tries it.</summary>
    /// <param name="choice">The topology.</param>
    /// <param name="round">First round, from 0.</param>
    /// <param name="possible">Whether values can come together at all.</param>
    public static Consensus Of(TopologyChoice choice, int round, bool possible)
    {
        if (choice.Nodes == 1) return new(0, 0, true);
        if (!possible) return new(null, 0, false);
        var stream = choice.Seeds.Stream("consensus");
        double[][] values = [.. Enumerable.Range(0, Probes)
            .Select(_ => Enumerable.Range(0, choice.Nodes).Select(_ => stream.NextNormal()).ToArray())];
        double[] spreads = [.. values.Select(Spread)];
        var known = new Dictionary<int, Row[]>();
        int? rounds = null;
        var exact = false;
        var tried = 0;
        // Until they are close and, if there is a period, it is seen whether its end is exact.
        for (long work = 0; tried < MostRounds && work < LongestTrial
            && (rounds is null || tried < choice.Period); tried++)
        {
            var rows = RowsOf(choice, round + tried, known);
            work += Probes * rows.Sum(r => r.Others.Length + 1L);
            for (var p = 0; p < Probes; p++) values[p] = Mixed(rows, values[p]);
            var left = values.Zip(spreads, (v, s) => Spread(v) / s).Max();
            if (left <= Close) rounds ??= tried + 1;
            if (tried + 1 == choice.Period) exact = left <= Rounding;
        }
        return new(rounds, tried, exact);
    }

    private static Row[] RowsOf(TopologyChoice choice, int round, Dictionary<int, Row[]> known)
    {
        var phase = choice.Topology.MixingPhase(choice.Nodes, round);
        if (known.TryGetValue(phase, out var rows)) return rows;
        if (choice.Period == 0) known.Clear();
        var mixing = choice.Mixing(round);
        return known[phase] = [.. Enumerable.Range(0, choice.Nodes)
            .Select(i => new Row(mixing.Own(i), [.. mixing.Received(i)]))];
    }

    private static double[] Mixed(Row[] rows, double[] values)
    {
        var mixed = new double[values.Length];
        for (var i = 0; i < mixed.Length; i++)
        {
            mixed[i] = rows[i].Own * values[i];
            foreach (var (other, weight) in rows[i].Others) mixed[i] += weight * values[other];
        }
        return mixed;
    }

    private static double Spread(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)));
    }

    private sealed record Row(double Own, (int Node, double Weight)[] Others);
}
