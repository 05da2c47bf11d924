using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Partitioners;

/// <summary>Each node has the samples of its own users: of a hospital, a speaker, a writer.</summary>
/// <remarks>
/// Users are in the order of their names. With as many nodes as users, node i has user i. With fewer nodes, users are
/// dealt in turns; with <see cref="Options.UsersPerNode"/>, each node has that many, drawn without replacement. A
/// node's test samples are all test samples of its users.
/// </remarks>
/// <param name="options">Users of a node.</param>
[Component("natural", Summary = "Each node has the samples of its own users: a hospital, a speaker, a writer.",
    Source = "Caldas et al., LEAF: A Benchmark for Federated Settings, arXiv:1812.01097")]
public sealed class Natural(Natural.Options options) : Partitioner
{
    /// <summary>Options of <see cref="Natural"/>.</summary>
    public sealed record Options
    {
        /// <summary>Users of a node; 0 means that all users are dealt to the nodes.</summary>
        [Option("Users of each node, drawn at random; 0 = all users are dealt to the nodes, in the order of names.",
            Min = 0, Max = 1_000_000)]
        public int UsersPerNode { get; init; }
    }

    /// <inheritdoc/>
    public override Partition Split(PartitionRequest request)
    {
        if (request.Users.Count == 0)
            throw new ExperimentException("Partitioner 'natural': the dataset does not say whose its samples are; name "
                + "a column in the dataset's option user, or take another partitioner.");
        var nodeOf = NodeOf(request);
        return new Partition(Dealt(request.TrainUsers, nodeOf, request.Nodes),
            Dealt(request.TestUsers, nodeOf, request.Nodes));
    }

    /// <summary>The node of each user; -1 for those that were not drawn.</summary>
    private int[] NodeOf(PartitionRequest request)
    {
        var (users, nodes) = (request.Users.Count, request.Nodes);
        var asked = (long)nodes * Math.Max(1, options.UsersPerNode);
        if (asked > users)
            throw new ExperimentException($"Partitioner 'natural': {nodes} nodes ask for {asked} users, but the data "
                + $"have {users}; nodes can be {users / Math.Max(1, options.UsersPerNode)} at most.");
        if (options.UsersPerNode == 0) return [.. Enumerable.Range(0, users).Select(user => user % nodes)];
        var nodeOf = new int[users];
        Array.Fill(nodeOf, -1);
        foreach (var (i, user) in request.Seeds.Stream("partition").Sample(users, (int)asked).Index())
            nodeOf[user] = i / options.UsersPerNode;
        return nodeOf;
    }

    private static int[][] Dealt(int[] users, int[] nodeOf, int nodes)
    {
        var samples = new List<int>[nodes];
        for (var node = 0; node < nodes; node++) samples[node] = [];
        for (var i = 0; i < users.Length; i++)
            if (nodeOf[users[i]] is >= 0 and var node) samples[node].Add(i);
        return [.. samples.Select(s => s.ToArray())];
    }
}
