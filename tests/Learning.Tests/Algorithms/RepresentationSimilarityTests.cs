using Orleans.FL.Learning.Algorithms.PeerSelection;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>The similarity of the outputs of two models for the same samples, by hand.</summary>
public class RepresentationSimilarityTests
{
    // x = (1, 0, −1), y = (1, 1, −2), both of mean 0: (xᵀy)²/(xᵀx·yᵀy) = 9/(2·6). Shifted and stretched ones are
    // alike; (1, −2, 1) is orthogonal to x; constants are like nothing.
    [Theory]
    [InlineData(new double[] { 1, 1, -2 }, 0.75)]
    [InlineData(new double[] { 7, 5, 3 }, 1)]
    [InlineData(new double[] { 1, -2, 1 }, 0)]
    [InlineData(new double[] { 4, 4, 4 }, 0)]
    public void Kernel_alignment_by_hand(double[] y, double expected) =>
        Assert.Equal(expected, SimilarityMeasures.KernelAlignment(Rows(1, 0, -1), Rows(y)), 12);

    // x = (0, 1, 2): centred distances (−10, 2, 8 | 2, −4, 2 | 8, 2, −10)/9, squares 360/81. y = (0, 1, 4): (−14, −2,
    // 16 | −2, −8, 10 | 16, 10, −26)/9, squares 1656/81, products with
    // those of x 720/81. √(720/√(360·1656)) = 0.965663.
    [Theory]
    [InlineData(new double[] { 0, 1, 4 }, 0.965663)]
    [InlineData(new double[] { 5, 3, 1 }, 1)]
    [InlineData(new double[] { 4, 4, 4 }, 0)]
    public void Distance_correlation_by_hand(double[] y, double expected) =>
        Assert.Equal(expected, SimilarityMeasures.DistanceCorrelation(Rows(0, 1, 2), Rows(y)), 6);

    // p = (¼, ¾), q = (½, ½): KL(p ‖ q) = ¼·ln ½ + ¾·ln 1.5 = 0.130812, KL(q ‖ p) = ½·ln 2 + ½·ln ⅔ = 0.143841; with a
    // second sample on which both agree, half of it.
    [Fact]
    public void Divergences_by_hand()
    {
        double[] p = [Math.Log(0.25), Math.Log(0.75)], q = [Math.Log(0.5), Math.Log(0.5)];

        Assert.Equal(0.130812, SimilarityMeasures.Divergence([p], [q]), 6);
        Assert.Equal(0.143841, SimilarityMeasures.Divergence([q], [p]), 6);
        Assert.Equal(0.130812 / 2, SimilarityMeasures.Divergence([p, q], [q, q]), 6);
        Assert.Equal(14, SimilarityMeasures.SquaredDistance([[1, 2], [3, 4]], [[2, 4], [0, 4]]), 12); // 1 + 4 + 9 + 0
    }

    // Of 2 and 5 both found something: (1 − 3)² + (4 − 3.5)². Of 7 only one did.
    [Fact]
    public void Disagreement_by_hand()
    {
        var mine = new Dictionary<int, double> { [2] = 1, [5] = 4, [7] = 9 };

        Assert.Equal(4.25, SimilarityMeasures.Disagreement(mine,
            new Dictionary<int, double> { [1] = 8, [2] = 3, [5] = 3.5 })!.Value, 12);
        Assert.Null(SimilarityMeasures.Disagreement(mine, new Dictionary<int, double> { [1] = 8 }));
    }

    private static double[][] Rows(params double[] values) => [.. values.Select(v => new[] { v })];
}
