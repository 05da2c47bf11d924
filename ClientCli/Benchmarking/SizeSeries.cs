using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>What exchanging and combining cost at one size.</summary>
/// <param name="Nodes">Number of nodes.</param>
/// <param name="ModelBytes">Bytes of a node's weights.</param>
/// <param name="Receives">Number of nodes that each receives from.</param>
/// <param name="Seconds">Wall seconds of exchanging and combining in a round.</param>
/// <param name="PeakBytes">Largest resident memory of the process.</param>
internal sealed record SizePoint(int Nodes, long ModelBytes, int Receives, double Seconds, long PeakBytes)
{
    /// <summary>Bytes that nodes receive in a round, their own weights included.</summary>
    public double ReceivedUpdate => (double)Nodes * ModelBytes * (Receives + 1);
}

/// <summary>Cost against size: gossip without training, over numbers of nodes and over lengths of models.</summary>
/// <param name="announce">Receives what is measured at the moment.</param>
/// <param name="missed">Receives which sizes were given up.</param>
/// <param name="longest">How long a run may take.</param>
/// <param name="journal">Has what was measured before, and keeps what is measured now.</param>
internal sealed class SizeSeries(
    Action<string> announce, Action<string> missed, TimeSpan longest, BenchJournal journal)
{
    /// <summary>Name of the series among the jobs.</summary>
    public const string Name = "sizes";

    /// <summary>Datasets that it trains on.</summary>
    public static IReadOnlyList<string> Datasets { get; } = ["fashion-mnist", "digits"];

    private const int ManyNodes = 100_000; // that take so long that one round after the first must do

    /// <summary>Numbers of nodes, each with logistic-regression on a random 4-regular graph.</summary>
    public static IReadOnlyList<int> Nodes { get; } = [10, 100, 1_000, 10_000, 100_000];

    /// <summary>
    /// Hidden layers of an mlp on digits whose weights have 8 KB, 80 KB, 0.8 MB, 8 MB, 80 MB and 250 MB; eight
    /// nodes on a ring.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<int>> Hidden { get; } = [[28], [270], [2_700], [1_400, 1_400],
        [4_550, 4_550], [7_860, 7_860]];

    /// <summary>Measures both series.</summary>
    /// <param name="cancellation">Ends what runs.</param>
    public async Task<(IReadOnlyList<SizePoint> ByNodes, IReadOnlyList<SizePoint> ByModel)> Measure(
        CancellationToken cancellation)
    {
        var (byNodes, byModel) = (new List<SizePoint>(), new List<SizePoint>());
        foreach (var nodes in Nodes) await AddTo(byNodes, nodes, 4, [$"nodes={nodes}"], cancellation);
        foreach (var hidden in Hidden)
            await AddTo(byModel, 8, 2, ["nodes=8", "topology=ring", "dataset=digits",
                $"model={{\"name\":\"mlp\",\"hidden\":[{string.Join(',', hidden)}]}}"], cancellation);
        return (byNodes, byModel);
    }

    private async Task AddTo(
        List<SizePoint> points, int nodes, int receives, string[] set, CancellationToken cancellation)
    {
        try
        {
            var name = $"{Name} {string.Join(' ', set)}";
            var before = journal.Find<SizePoint>(name);
            points.Add(before ?? await Measure(nodes, receives, set, cancellation));
            if (before is null) journal.Add(name, points[^1]);
        }
        catch (GivenUpException e)
        {
            missed($"{Name}, {string.Join(' ', set)}: {e.Message}");
        }
    }

    private async Task<SizePoint> Measure(int nodes, int receives, string[] set, CancellationToken cancellation)
    {
        var asked = nodes < ManyNodes ? 4 : 2;
        string[] options =
            [.. ((string[])[$"rounds={asked}", "checkpoints.every=0", $"evaluation.every={asked}", .. set])
                .SelectMany(s => (string[])["--set", s])];
        announce($"{Name}: flctl start --local {string.Join(' ', options)}");
        var (parameters, rounds) = (0L, new List<double>());
        var file = JobFiles.PathOf(BenchJob.All.Single(j => j.Name == "gossip-100000"));
        var (cost, _, _) = await JobRunner.Start(file, options, Receive, longest, cancellation);
        // The first round pays for code that runs for the first time; the median leaves out what others did meanwhile.
        return new SizePoint(nodes, parameters * sizeof(float), receives,
            rounds.Skip(1).Order().ElementAt((rounds.Count - 1) / 2), cost.PeakRss);

        void Receive(RunEvent e)
        {
            if (e is SeatedEvent seated) parameters = seated.Parameters;
            if (e is RoundEvent { Work: { } work })
                rounds.Add(work.Phases.Where(p => p.Phase.StartsWith("exchange", StringComparison.Ordinal))
                    .Sum(p => p.Seconds));
        }
    }
}
