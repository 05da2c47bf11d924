using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Grains.Placement;

/// <summary>
/// Which silo each node sits on: by the silos' lanes, by the experiment's pins, and as few moves as possible.
/// </summary>
/// <remarks>A pure function of what it is given; it never asks how busy a silo is.</remarks>
public static class SeatPlan
{
    /// <summary>Deals nodes to silos.</summary>
    /// <param name="silos">The silos that may hold nodes, in the order of their names.</param>
    /// <param name="ranks">The nodes, ascending.</param>
    /// <param name="pins">Where nodes must sit; later entries win.</param>
    /// <param name="before">Where nodes sat so far; they stay while their silo is there and has no more than its
    /// share.</param>
    public static SeatAssignment Assign(IReadOnlyList<SiloPlace> silos, IReadOnlyList<int> ranks,
        IReadOnlyList<DevicePin> pins, IReadOnlyDictionary<int, string> before)
    {
        var seats = new SortedDictionary<int, string>();
        var unplaced = new SortedDictionary<int, string>();
        var load = silos.ToDictionary(s => s.Name, _ => 0);
        var free = new List<int>();
        foreach (var rank in ranks)
        {
            var pin = pins.LastOrDefault(p => p.Nodes.Contains(rank));
            if (pin is null or { Silo: null, Label: null })
            {
                free.Add(rank);
                continue;
            }
            var fitting = silos.Where(s => s.Lanes > 0 && (pin.Silo is null || s.Name == pin.Silo)
                && (pin.Label is null || s.Labels.Contains(pin.Label))).ToArray();
            if (fitting.Length == 0)
                unplaced[rank] = $"No silo {(pin.Silo is null ? "" : $"'{pin.Silo}' ")}"
                    + $"{(pin.Label is null ? "" : $"with label '{pin.Label}' ")}is "
                    + $"there, and the experiment's devices pin node {rank} to it; start it, or change the pin.";
            else
                Seat(rank, before.TryGetValue(rank, out var old) && fitting.Any(s => s.Name == old)
                    ? old
                    : Least(fitting).Name);
        }
        var able = silos.Where(s => s.Lanes > 0).ToArray();
        if (able.Length == 0)
        {
            foreach (var rank in free) unplaced[rank] = "No silo of the cluster has a training lane.";
            return new SeatAssignment(seats, unplaced);
        }
        var shares = Shares(able, load, free.Count);
        var waiting = new List<int>();
        foreach (var rank in free)
        {
            if (before.TryGetValue(rank, out var old) && shares.TryGetValue(old, out var share) && load[old] < share)
                Seat(rank, old);
            else waiting.Add(rank);
        }
        // Ranks count through the lanes in turn, as far as shares last.
        var turns = able.SelectMany(s => Enumerable.Repeat(s.Name, s.Lanes)).ToArray();
        var turn = 0;
        foreach (var rank in waiting)
        {
            while (load[turns[turn % turns.Length]] >= shares[turns[turn % turns.Length]]) turn++;
            Seat(rank, turns[turn++ % turns.Length]);
        }
        return new SeatAssignment(seats, unplaced);

        void Seat(int rank, string silo)
        {
            seats[rank] = silo;
            load[silo]++;
        }

        // the first of equals; among is not empty
        SiloPlace Least(SiloPlace[] among) => among.MinBy(s => (double)load[s.Name] / s.Lanes)!;
    }

    /// <summary>
    /// How many nodes each silo may hold: one node after the other goes to the lane with the least to do.
    /// </summary>
    private static Dictionary<string, int> Shares(SiloPlace[] silos, Dictionary<string, int> load, int nodes)
    {
        var shares = silos.ToDictionary(s => s.Name, s => load[s.Name]);
        var queue = new PriorityQueue<SiloPlace, (double, int)>();
        for (var i = 0; i < silos.Length; i++)
            queue.Enqueue(silos[i], (shares[silos[i].Name] / (double)silos[i].Lanes, i));
        for (var n = 0; n < nodes; n++)
        {
            var silo = queue.Dequeue();
            shares[silo.Name]++;
            queue.Enqueue(silo, (shares[silo.Name] / (double)silo.Lanes, Array.IndexOf(silos, silo)));
        }
        return shares;
    }
}

/// <summary>Where nodes sit.</summary>
/// <param name="Seats">Name of the silo by rank.</param>
/// <param name="Unplaced">Nodes that no silo suits, and why.</param>
public sealed record SeatAssignment(IReadOnlyDictionary<int, string> Seats, IReadOnlyDictionary<int, string> Unplaced);
