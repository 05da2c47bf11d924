using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Experiments;

/// <summary>Works out the memberships of a run, or what is wrong with its changes.</summary>
internal static class Memberships
{
    /// <summary>Members at the beginning.</summary>
    public static int[] Initial(Experiment experiment) =>
        [.. Enumerable.Range(0, experiment.Seating.Members > 0 ? experiment.Seating.Members : experiment.Nodes)];

    /// <summary>Members after a change.</summary>
    public static int[] After(int[] members, MembershipChange change) =>
        [.. members.Except(change.Remove).Union(change.Add).Order()];

    /// <summary>What is wrong with the experiment's membership.</summary>
    public static IEnumerable<ValidationError> Check(Experiment experiment)
    {
        if (experiment.Seating.Members > experiment.Nodes)
            yield return new ValidationError("$.seating.members", $"{experiment.Seating.Members} members are asked "
                + $"for, but there are {experiment.Nodes} nodes; raise nodes, or leave it out.");
        var members = Initial(experiment);
        var round = 1;
        for (var i = 0; i < experiment.Membership.Count; i++)
        {
            var change = experiment.Membership[i];
            if (change.Round <= round && i > 0)
                yield return new ValidationError($"$.membership[{i}].round",
                    $"The changes must be in the order of their rounds; round {round} comes before.");
            round = change.Round;
            foreach (var error in Check(experiment, members, change))
                yield return new ValidationError($"$.membership[{i}]", error);
            members = After(members, change);
        }
    }

    /// <summary>What is wrong with one change.</summary>
    public static IEnumerable<string> Check(Experiment experiment, int[] members, MembershipChange change)
    {
        if (change.Add.Count + change.Remove.Count == 0) yield return "The change names no node to add or remove.";
        foreach (var rank in change.Add.Where(r => r >= experiment.Nodes))
            yield return $"There is no node {rank}: ranks are 0 to {experiment.Nodes - 1}. "
                + "The data are split over 'nodes' shares when the run begins; "
                + "to leave room for more, set nodes higher and seating.members to how many begin.";
        foreach (var rank in change.Add.Where(members.Contains)) yield return $"Node {rank} is a member already.";
        foreach (var rank in change.Remove.Where(r => !members.Contains(r))) yield return $"Node {rank} is no member.";
        foreach (var rank in change.Add.Intersect(change.Remove))
            yield return $"Node {rank} cannot join and leave at once.";
        if (change.Add.Distinct().Count() + change.Remove.Distinct().Count() < change.Add.Count + change.Remove.Count)
            yield return "A node is named twice.";
        var after = After(members, change);
        var topology = experiment.Topology.Create();
        if (after.Length == 0) yield return "No member would be left.";
        else if (members.Except(change.Remove).Any() == false)
            yield return "Nobody would be left whose weights the new members could begin with.";
        else if (topology.Refusal(after.Length) is { } refusal) yield return refusal;
        else if (AlgorithmChecks.RefusalOfGraphs(experiment.Algorithm.Create(), experiment, after.Length) is { } parts)
            yield return parts;
        var requires = experiment.Algorithm.Create().Requires;
        if (requires.FixedRows)
            yield return "What the algorithm's nodes remember of each other holds for one graph, so nobody can join or "
                + "leave; leave membership out, or use gossip.";
        if (requires.PooledData)
            yield return "The members' data are pooled when the run begins, so nobody can join or leave; leave "
                + "membership out, and set seating.members to how many there are to be.";
    }
}
