using System.Reflection;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Updates;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>What the author of an algorithm has to know, and what it costs to forget some of it.</summary>
public class AlgorithmSurfaceTests
{
    [Fact]
    public void An_author_sees_at_most_a_dozen_hooks()
    {
        var hooks = typeof(Algorithm).GetMethods(
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(m => m.IsVirtual && (m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly)).Select(m => m.Name).ToList();

        Assert.Contains("Combine", hooks);
        Assert.True(hooks.Count <= 12, string.Join(", ", hooks));
    }

    // What an algorithm with one hook forgets are all others.
    [Fact]
    public void An_algorithm_that_says_nothing_of_its_state_keeps_all_of_it_and_never_idles()
    {
        Algorithm forgetful = new Forgetful();

        Assert.True(forgetful.PersistentState.HasModel);
        Assert.True(forgetful.PersistentState.Holds("anything"));
    }

    [Fact]
    public void An_idle_node_keeps_what_the_algorithm_did_not_name_as_forgotten()
    {
        var run = new ToyRun("training.validationFraction=0", "partitioner.testSamplesPerNode=0",
            "algorithm={\"name\":\"scaffold\",\"clientFraction\":0.5}");
        var me = run.Learners[3];
        me.Memory["scaffold.change"] = me.Memory["mine"] = run.Plan.Zeros;

        var kept = run.Plan.Protocol.StateWhenIdle(3, me.State);

        Assert.Equal("mine", Assert.Single(kept!.Memory).Key); // scaffold makes its change anew, and says so
    }

    [Fact]
    public void An_algorithm_that_sends_something_of_its_own_and_does_not_name_it_mixes_with_no_other()
    {
        Assert.Equal("weights", new Forgetful().MessageSchema);
        Assert.NotEqual("weights", new Secretive().MessageSchema);
        Assert.NotEqual(new Secretive().MessageSchema, new Stingy().MessageSchema);
    }

    [Fact]
    public void An_algorithm_that_reads_single_updates_without_requesting_them_learns_what_to_request()
    {
        var sum = new ExactSum(1);
        sum.Add([(ParameterVector.Own([1]), 1.0), (ParameterVector.Own([3]), 1.0)]);
        var received = ReceivedUpdates.Merged(sum, new Dictionary<string, ExactSum>());

        Assert.False(new Forgetful().Requires.EachUpdate);
        Assert.Equal(2, received.Mean().Span[0]); // (1 + 3) / 2
        Assert.Contains("EachUpdate = true", Assert.Throws<InvalidOperationException>(() => received.Updates).Message);
    }

    private class Forgetful : Algorithm
    {
        public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.Neighbours];
    }

    private sealed class Secretive : Forgetful
    {
        public override Update Compose(Learner me, Exchange exchange) => new(me.RoundStart);
    }

    private sealed class Stingy : Forgetful
    {
        public override UpdateShape Shape(ParameterLayout layout, Exchange exchange) => new(1, []);
    }
}
