using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records.Reports;

namespace Orleans.FL.Learning.Tests.Records;

/// <summary>Reports with numbers that are easy to add up.</summary>
internal static class Reports
{
    private const long Nat = 1L << 24;

    /// <summary>A sum of samples with that mean loss.</summary>
    public static MetricSums Sum(long samples, long correct, long lossPerSample) =>
        Classes.Sums(samples, correct, samples * lossPerSample * Nat, 0);

    public static NodeReport Node(int node, int round = 1, long testCorrect = 5, long testSamples = 10) =>
        new(node, round, Sum(100, 40 + node, 1 + node), Sum(10, 5, 2), testSamples == 0
            ? default
            : Sum(testSamples, testCorrect, 1), default, 1000 + node, 2000 + node, 4, 0.25, null);

    /// <summary>Node 0 tests 5 of 10, node 1 is absent, node 2 tests 8 of 10.</summary>
    public static RoundReport Round(int round = 1) => new(round, [Node(0, round),
        NodeReport.Absent(1, round, "no answer, \"late\"\nby 3 s"), Node(2, round, testCorrect: 8)], 1.5, 77);
}
