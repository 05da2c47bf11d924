using Orleans.FL.Learning.Records;

namespace Orleans.FL.ClientCli.Runs;

/// <summary>What the lanes of a silo did.</summary>
/// <param name="Silo">Its name.</param>
/// <param name="Lanes">Its lanes, the last time that they were counted.</param>
/// <param name="LaneSeconds">Seconds that its lanes had, added up.</param>
/// <param name="Train">Part of them in training for the run, 0 to 1.</param>
/// <param name="Combine">In combining.</param>
/// <param name="Evaluate">In testing and validating.</param>
/// <param name="Other">In work for other runs.</param>
internal sealed record SiloLanes(
    string Silo, int Lanes, double LaneSeconds, double Train, double Combine, double Evaluate, double Other)
{
    /// <summary>Part in which they had nothing to do.</summary>
    public double Idle => Math.Max(0, 1 - Train - Combine - Evaluate - Other);

    /// <summary>By silo, in the order of their names.</summary>
    public static IReadOnlyList<SiloLanes> Of(IEnumerable<LaneRow> rows) =>
        [.. rows.GroupBy(r => r.Silo).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => Of(g.Key, g.Last().Lanes, [.. g]))];

    /// <summary>All silos in one.</summary>
    /// <param name="silos">One or more.</param>
    public static SiloLanes All(IReadOnlyList<SiloLanes> silos)
    {
        var all = silos.Sum(s => s.LaneSeconds);
        return new SiloLanes("all", silos.Sum(s => s.Lanes), all, Share(s => s.Train), Share(s => s.Combine),
            Share(s => s.Evaluate), Share(s => s.Other));

        double Share(Func<SiloLanes, double> part) => silos.Sum(s => part(s) * s.LaneSeconds) / all;
    }

    private static SiloLanes Of(string silo, int lanes, LaneRow[] rows)
    {
        var all = rows.Sum(r => r.Lanes * r.Seconds);
        return new SiloLanes(silo, lanes, all, Share(r => r.Train), Share(r => r.Combine), Share(r => r.Evaluate),
            Share(r => r.Other));

        double Share(Func<LaneRow, double> part) => all > 0 ? rows.Sum(part) / all : 0;
    }
}
