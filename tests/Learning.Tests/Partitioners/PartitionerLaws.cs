using System.Diagnostics;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Partitioners;
using Xunit;

namespace Orleans.FL.Learning.Tests.Partitioners;

/// <summary>What every partitioner must keep.</summary>
public sealed class PartitionerLaws
{
    private const string Sharp = "dirichlet with a small alpha";
    private const string Overlapping = "bootstrap"; // its nodes may hold the same training samples
    private const string Given = "natural"; // its nodes hold what the data say that they hold

    /// <summary>All partitioners.</summary>
    public static TheoryData<string> Names => [.. Catalog<Partitioner>.All.Select(spec => spec.Name), Sharp];

    /// <summary>Partitioners that draw what a node gets.</summary>
    public static TheoryData<string> Drawing =>
        [.. Catalog<Partitioner>.All.Select(spec => spec.Name).Except([Given]), Sharp];

    /// <summary>Partitioners that share the data out, and so have an option for how much each node gets.</summary>
    public static TheoryData<string> Sharing =>
        [.. Catalog<Partitioner>.All.Select(spec => spec.Name).Except([Overlapping, Given]), Sharp];

    [Theory, MemberData(nameof(Names))]
    public void No_node_holds_a_training_sample_twice(string name)
    {
        var partition = Create(name, samples: 37).Split(Request(nodes: 20));

        Assert.All(partition.Train, indices => Assert.Equal(indices.Length, indices.Distinct().Count()));
        Assert.All(partition.Train.SelectMany(indices => indices), index => Assert.InRange(index, 0, 999));
    }

    [Theory, MemberData(nameof(Sharing))]
    public void No_training_sample_goes_to_two_nodes(string name)
    {
        var partition = Create(name, samples: 37).Split(Request(nodes: 20));

        var all = partition.Train.SelectMany(indices => indices).ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
    }

    [Theory, MemberData(nameof(Sharing))]
    public void Every_node_gets_exactly_the_samples_asked(string name)
    {
        var partition = Create(name, samples: 37).Split(Request(nodes: 20));

        Assert.Equal(20, partition.Train.Count);
        Assert.All(partition.Train, indices => Assert.Equal(37, indices.Length));
    }

    [Theory, MemberData(nameof(Sharing))]
    public void Sizes_go_before_samples_per_node(string name)
    {
        var partition = Create(name, samples: 9, sizes: [5, 0, 31, 100, 1]).Split(Request(nodes: 5));

        Assert.Equal([5, 0, 31, 100, 1], partition.Train.Select(indices => indices.Length));
    }

    [Theory, MemberData(nameof(Sharing))]
    public void Without_sizes_all_samples_are_shared_equally(string name)
    {
        // 20 nodes, 1,000 samples, 100 of each class: 50 each.
        var partition = Create(name).Split(Request(nodes: 20));

        Assert.All(partition.Train, indices => Assert.Equal(50, indices.Length));
        Assert.Equal(Enumerable.Range(0, 1_000), partition.Train.SelectMany(indices => indices).Order());
    }

    [Theory, MemberData(nameof(Names))]
    public void The_same_seed_gives_the_same_split(string name)
    {
        var one = Create(name, samples: 37, test: 11).Split(Request(nodes: 20));
        var other = Create(name, samples: 37, test: 11).Split(Request(nodes: 20));

        Assert.Equal(one.Train, other.Train);
        Assert.Equal(one.Test, other.Test);
    }

    [Theory, MemberData(nameof(Drawing))]
    public void Another_seed_gives_another_split(string name)
    {
        var one = Create(name, samples: 37, test: 11).Split(Request(nodes: 20));
        var other = Create(name, samples: 37, test: 11).Split(Request(nodes: 20) with { Seeds = new Seeds(2) });

        Assert.NotEqual(one.Train, other.Train);
    }

    [Theory, MemberData(nameof(Sharing))]
    public void Another_seed_gives_other_test_samples(string name)
    {
        var one = Create(name, samples: 37, test: 11).Split(Request(nodes: 20));
        var other = Create(name, samples: 37, test: 11).Split(Request(nodes: 20) with { Seeds = new Seeds(2) });

        Assert.NotEqual(one.Test, other.Test);
    }

    [Theory, MemberData(nameof(Sharing))]
    public void All_data_can_be_asked_for(string name)
    {
        var partition = Create(name, samples: 50).Split(Request(nodes: 20));

        Assert.Equal(Enumerable.Range(0, 1_000), partition.Train.SelectMany(indices => indices).Order());
    }

    [Theory, MemberData(nameof(Sharing))]
    public void Too_large_a_demand_is_refused_with_what_fits(string name)
    {
        var e = Assert.Throws<ExperimentException>(() => Create(name, samples: 51).Split(Request(nodes: 20)));

        Assert.Contains("20 nodes with 51 training samples each ask for 1020, but there are 1000; " +
            "samplesPerNode can be 50 at most.", e.Message);
    }

    [Theory, MemberData(nameof(Sharing))]
    public void A_demand_beyond_32_bits_is_refused(string name)
    {
        var partitioner = Create(name, samples: 100_000_000);
        var e = Assert.Throws<ExperimentException>(() => partitioner.Split(Request(nodes: 1_000)));

        Assert.Contains("ask for 100000000000, but there are 1000", e.Message);
    }

    [Theory, MemberData(nameof(Sharing))]
    public void Sizes_that_are_too_large_together_are_refused(string name)
    {
        var e = Assert.Throws<ExperimentException>(() => Create(name, sizes: [900, 101]).Split(Request(nodes: 2)));

        Assert.Contains("sizes add up to 1001 training samples, but there are 1000.", e.Message);
    }

    [Theory, MemberData(nameof(Sharing))]
    public void Sizes_for_another_number_of_nodes_are_refused(string name)
    {
        var e = Assert.Throws<ExperimentException>(() => Create(name, sizes: [1, 2, 3]).Split(Request(nodes: 4)));

        Assert.Contains("sizes has 3 numbers for 4 nodes", e.Message);
    }

    [Theory, MemberData(nameof(Sharing))]
    public void More_nodes_than_samples_cannot_share_them(string name)
    {
        var e = Assert.Throws<ExperimentException>(() => Create(name).Split(Request(nodes: 1_001)));

        Assert.Contains("1001 nodes cannot share 1000 training samples", e.Message);
    }

    [Theory, MemberData(nameof(Drawing))]
    public void Test_samples_are_drawn_only_if_asked(string name)
    {
        var partition = Create(name, samples: 20).Split(Request(nodes: 20));

        Assert.Equal(20, partition.Test.Count);
        Assert.All(partition.Test, Assert.Empty);
    }

    [Theory, MemberData(nameof(Sharing))]
    public void A_nodes_test_samples_follow_its_training_samples(string name)
    {
        var request = Request(nodes: 20);
        var partition = Create(name, samples: 40, test: 20).Split(request);

        for (var node = 0; node < 20; node++)
        {
            var train = Counts(partition.Train[node], request.TrainLabels);
            var test = Counts(partition.Test[node], request.TestLabels);
            Assert.Equal(20, partition.Test[node].Distinct().Count());
            for (var label = 0; label < 10; label++)
            {
                // Half as many test samples, so half of each class, rounded. What iid draws is chance: test follows the
                // whole, in which all classes are alike.
                var half = (name == "iid" ? 4 : train[label]) / 2.0;
                Assert.InRange(test[label], half - 1, half + 1);
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Ten_thousand_nodes_are_split_in_seconds(string name)
    {
        int[] train = [.. Enumerable.Range(0, 60_000).Select(i => i % 10)];
        int[] test = [.. Enumerable.Range(0, 10_000).Select(i => i % 10)];
        var request = new PartitionRequest(train, test, 10, 10_000, new Seeds(1))
        {
            Users = [.. Enumerable.Range(0, 12_000).Select(u => $"{u}")],
            TrainUsers = [.. Enumerable.Range(0, 60_000).Select(i => i % 12_000)],
            TestUsers = [.. Enumerable.Range(0, 10_000).Select(i => i % 12_000)],
        };
        var clock = Stopwatch.StartNew();

        var partition = Create(name, samples: 6, test: 6).Split(request);

        // Some 0.1 s; a quadratic scan would take minutes.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"{clock.Elapsed}");
        Assert.Equal(10_000, partition.Train.Count);
    }

    internal static PartitionRequest Request(int nodes) => new(
        [.. Enumerable.Range(0, 1_000).Select(i => i * 7 % 10)],
        [.. Enumerable.Range(0, 500).Select(i => i * 3 % 10)], 10, nodes, new Seeds(1))
    {
        Users = [.. Enumerable.Range(0, 40).Select(u => $"user {u}")],
        TrainUsers = [.. Enumerable.Range(0, 1_000).Select(i => i % 40)],
        TestUsers = [.. Enumerable.Range(0, 500).Select(i => i % 40)],
    };

    internal static int[] Counts(int[] indices, int[] labels)
    {
        var counts = new int[10];
        foreach (var index in indices) counts[labels[index]]++;
        return counts;
    }

    private static Partitioner Create(string name, int samples = 0, int test = 0, EquatableList<int>? sizes = null)
    {
        var component = name == Sharp ? "dirichlet" : name;
        var options = name == Sharp
            ? new Dirichlet.Options { Alpha = 0.01 }
            : Catalog<Partitioner>.Find(name)!.DefaultOptions();
        return Catalog<Partitioner>.Create(component, options is PartitionOptions sized
            ? sized with { SamplesPerNode = samples, TestSamplesPerNode = test, Sizes = sizes ?? [] }
            : options);
    }
}
