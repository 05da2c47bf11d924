using MathNet.Numerics.LinearAlgebra;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.ClientCli.Topologies;

/// <summary>How much closer to each other one period brings all values in the long run: 1 - |λ₂|.</summary>
internal static class SpectralGap
{
    /// <summary>Most nodes: the time goes by their third power and is seconds here.</summary>
    public const int MostNodes = 300;

    private const int Squarings = 40;
    private const double Nothing = 1e-13;

    /// <summary>The gap of the product of matrices; null for more nodes than <see cref="MostNodes"/>.</summary>
    /// <param name="period">The matrices, in the order of their rounds.</param>
    public static double? Of(IReadOnlyList<Mixing> period)
    {
        var nodes = period[0].Graph.Nodes;
        if (nodes > MostNodes) return null;
        if (nodes == 1) return 1;
        // Rows sum to 1, so that taking the mean away takes the eigenvalue 1 away and leaves the others as they are.
        var product = period.Select(Dense).Aggregate((earlier, later) => later * earlier) - 1.0 / nodes;
        return Math.Clamp(1 - SpectralRadius(product), 0, 1);
    }

    /// <summary>
    /// The largest modulus of an eigenvalue: the limit of ‖Aᵐ‖ to the power of 1/m (Gelfand), for m = 2, 4, 8, ….
    /// </summary>
    /// <remarks>
    /// Eigenvalue solvers fail on products that are almost, but not quite, nothing; squaring does not.
    /// </remarks>
    private static double SpectralRadius(Matrix<double> matrix)
    {
        var logarithm = 0.0;
        for (var s = 0; s < Squarings; s++)
        {
            var norm = matrix.FrobeniusNorm();
            if (norm < Nothing) return 0;
            logarithm += Math.Log(norm) / Math.Pow(2, s);
            matrix /= norm;
            matrix *= matrix;
        }
        return Math.Exp(logarithm);
    }

    private static Matrix<double> Dense(Mixing mixing)
    {
        var matrix = Matrix<double>.Build.Dense(mixing.Graph.Nodes, mixing.Graph.Nodes);
        for (var i = 0; i < mixing.Graph.Nodes; i++)
        {
            matrix[i, i] = mixing.Own(i);
            foreach (var (j, weight) in mixing.Received(i)) matrix[i, j] = weight;
        }
        return matrix;
    }
}
