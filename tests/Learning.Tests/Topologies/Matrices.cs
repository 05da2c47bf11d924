using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Testing;

namespace Orleans.FL.Learning.Tests.Topologies;

/// <summary>Mixing matrices in full, and topologies as experiments name them.</summary>
internal static class Matrices
{
    public static Topology Topology(string json, int nodes) =>
        Toy.Experiment($"nodes={nodes}", $"topology={json}").Topology.Create();

    public static double[][] Mixing(string json, int nodes, int round = 0, bool columns = false, long seed = 1)
    {
        var topology = Topology(json, nodes);
        return Of(topology.Mix(topology.Draw(nodes, new Seeds(seed), round), new Seeds(seed), round, columns));
    }

    /// <summary>Row i holds the weights of the updates that node i receives.</summary>
    public static double[][] Of(Mixing mixing)
    {
        var nodes = mixing.Graph.Nodes;
        var rows = new double[nodes][];
        for (var i = 0; i < nodes; i++)
        {
            rows[i] = new double[nodes];
            rows[i][i] = mixing.Own(i);
            foreach (var (j, weight) in mixing.Received(i)) rows[i][j] = weight;
        }
        return rows;
    }

    public static double[][] Identity(int nodes) =>
        [.. Enumerable.Range(0, nodes).Select(i => Enumerable.Range(0, nodes).Select(j => i == j ? 1.0 : 0).ToArray())];

    public static double[][] Times(double[][] a, double[][] b) => [.. a.Select(row => Enumerable.Range(0, b.Length)
        .Select(j => Enumerable.Range(0, b.Length).Sum(k => row[k] == 0 ? 0 : row[k] * b[k][j])).ToArray())];

    public static double[] Columns(double[][] matrix) =>
        [.. Enumerable.Range(0, matrix.Length).Select(j => matrix.Sum(r => r[j]))];

    /// <summary>The largest distance of an entry from 1/n.</summary>
    public static double FromMean(double[][] matrix) => matrix.Max(r => r.Max(x => Math.Abs(x - 1.0 / matrix.Length)));

    public static string[] ValidationError(string json, int nodes) =>
        [.. Xunit.Assert.Throws<ExperimentException>(() => Topology(json, nodes)).Errors.Select(f => f.ToString())];
}
