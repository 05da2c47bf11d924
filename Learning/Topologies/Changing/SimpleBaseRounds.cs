namespace Orleans.FL.Learning.Topologies.Changing;

/// <summary>The rounds of a simple base graph over some nodes: Algorithm 2 of Takezawa et al. 2023.</summary>
/// <remarks>
/// The number of nodes is written with the base k + 1; each digit that is not 0 makes a block, largest first. First
/// each block averages inside. Then, block after block, the smaller blocks take their share from it, so that its
/// sub-blocks have the mean of all; these average inside.
/// </remarks>
internal sealed class SimpleBaseRounds
{
    private readonly int _degree;
    private readonly bool _innerEdges;
    private readonly List<Block> _blocks = [];
    private readonly int _first;

    private SimpleBaseRounds(IReadOnlyList<int> nodes, int degree, bool innerEdges)
    {
        (_degree, _innerEdges) = (degree, innerEdges);
        var taken = 0;
        foreach (var (digit, power) in Digits(nodes.Count, degree + 1))
        {
            int[] members = [.. nodes.Skip(taken).Take(digit * power)];
            taken += members.Length;
            int[][] parts = [.. members.Chunk(power)];
            _blocks.Add(new Block(members, parts, HyperHypercubeRounds.Of(members, degree),
                [.. (power > 1 ? parts : [members]).Select(p => HyperHypercubeRounds.Of(p, degree))]));
        }
        _first = _blocks[0].Whole.Count;
    }

    /// <summary>The edges of each round; empty for a single node.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="degree">Most neighbours of a node, at least 1.</param>
    /// <param name="innerEdges">Whether idle nodes of a block are joined among themselves.</param>
    public static List<List<WeightedEdge>> Of(IReadOnlyList<int> nodes, int degree, bool innerEdges) =>
        HyperHypercubeRounds.Factors(nodes.Count, degree) is not null
            ? HyperHypercubeRounds.Of(nodes, degree)
            : new SimpleBaseRounds(nodes, degree, innerEdges).All();

    private static IEnumerable<(int Digit, int Power)> Digits(int number, int radix)
    {
        long power = 1;
        while (power * radix <= number) power *= radix;
        for (; power > 0; power /= radix)
            if (number / power % radix is var digit && digit > 0) yield return ((int)digit, (int)power);
    }

    private List<List<WeightedEdge>> All()
    {
        var rounds = new List<List<WeightedEdge>>();
        // Averages inside, one round for the idle of the first block, then its sub-blocks.
        var last = _first + 1 + _blocks[0].Inside[0].Count;
        for (var m = 0; m < last; m++) rounds.Add(Round(m));
        return rounds;
    }

    private List<WeightedEdge> Round(int m)
    {
        var edges = new List<WeightedEdge>();
        var busy = new HashSet<int>();
        // From the last block: who takes from an earlier one comes before its idle nodes are known.
        for (var l = _blocks.Count - 1; l >= 0; l--)
        {
            var block = _blocks[l];
            if (m < _first) Add(edges, [block.Whole], m);
            else if (m < _first + l) Share(edges, busy, m - _first, block);
            else if (m == _first + l && l < _blocks.Count - 1) JoinIdle(edges, busy, block);
            else Add(edges, block.Inside, m - _first - l - (l < _blocks.Count - 1 ? 1 : 0));
        }
        return edges;
    }

    private static void Add(List<WeightedEdge> edges, IEnumerable<List<List<WeightedEdge>>> schedules, int round)
    {
        foreach (var schedule in schedules.Where(s => s.Count > 0)) edges.AddRange(schedule[round % schedule.Count]);
    }

    /// <summary>
    /// Each node of a block takes one free node of each part of an earlier block, with the weight of that block
    /// among the rest.
    /// </summary>
    private void Share(List<WeightedEdge> edges, HashSet<int> busy, int earlier, Block block)
    {
        var from = _blocks[earlier];
        var share = (double)from.Members.Length / _blocks.Skip(earlier).Sum(b => (long)b.Members.Length);
        foreach (var taker in block.Members)
        {
            foreach (var part in from.Parts)
            {
                var given = part[Taken(busy, part)]; // there are fewer takers than nodes in a part
                busy.Add(given);
                edges.Add(new(taker, given, share / from.Parts.Length));
            }
        }
    }

    /// <summary>How many nodes of a part are taken; they are taken from its front.</summary>
    private static int Taken(HashSet<int> busy, int[] part)
    {
        var (low, high) = (0, part.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (busy.Contains(part[middle])) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private void JoinIdle(List<WeightedEdge> edges, HashSet<int> busy, Block block)
    {
        if (!_innerEdges) return;
        foreach (var group in block.Members.Where(n => !busy.Contains(n)).Chunk(_degree + 1))
            for (var i = 0; i < group.Length; i++)
                for (var j = i + 1; j < group.Length; j++) edges.Add(new(group[i], group[j], 1.0 / group.Length));
    }

    /// <summary>The nodes of one digit.</summary>
    /// <param name="Members">All of them.</param>
    /// <param name="Parts">The same in as many parts as the digit says.</param>
    /// <param name="Whole">Rounds that average over all.</param>
    /// <param name="Inside">Rounds that average in each part, or over all if parts are single nodes.</param>
    private sealed record Block(
        int[] Members, int[][] Parts, List<List<WeightedEdge>> Whole, List<List<List<WeightedEdge>>> Inside);
}
