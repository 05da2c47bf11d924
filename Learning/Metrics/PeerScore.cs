namespace Orleans.FL.Learning.Metrics;

/// <summary>
/// A number that an algorithm found of another node and wants recorded: a line of <c>peer_scores.csv</c>.
/// </summary>
/// <param name="Measure">What it measures; no comma, quote or line break in it.</param>
/// <param name="Other">Rank of the other node.</param>
/// <param name="Value">The number.</param>
public sealed record PeerScore(string Measure, int Other, double Value);
