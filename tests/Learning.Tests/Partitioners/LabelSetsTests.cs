using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Partitioners;
using Xunit;

namespace Orleans.FL.Learning.Tests.Partitioners;

public sealed class LabelSetsTests
{
    [Fact]
    public void Groups_of_nodes_share_a_window_that_slides_by_one()
    {
        // 20 nodes, 10 classes: pairs; the last pair's window wraps round to class 0.
        var request = PartitionerLaws.Request(nodes: 20);

        var partition = new LabelSets(new LabelSets.Options { LabelsPerNode = 3, SamplesPerNode = 30 }).Split(request);

        Assert.Equal([10, 10, 10, 0, 0, 0, 0, 0, 0, 0], Counts(partition, request, 0));
        Assert.Equal([10, 10, 10, 0, 0, 0, 0, 0, 0, 0], Counts(partition, request, 1));
        Assert.Equal([0, 10, 10, 10, 0, 0, 0, 0, 0, 0], Counts(partition, request, 2));
        Assert.Equal([10, 10, 0, 0, 0, 0, 0, 0, 0, 10], Counts(partition, request, 19));
    }

    [Fact]
    public void Explicit_labels_go_before_windows()
    {
        var request = PartitionerLaws.Request(nodes: 2);

        var options = new LabelSets.Options { Labels = [[7], [3, 7]], SamplesPerNode = 20 };
        var partition = new LabelSets(options).Split(request);

        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 20, 0, 0], Counts(partition, request, 0));
        Assert.Equal([0, 0, 0, 10, 0, 0, 0, 10, 0, 0], Counts(partition, request, 1));
    }

    [Fact]
    public void A_scarce_class_is_made_up_for_by_the_others()
    {
        // Node 0 needs all 100 of class 0; node 1 would take 40 of it and must take class 1 instead, which node 2 wants
        // 60 of and gives up for class 2: 100 + 80 + 120 = 300 samples, all there are of classes 0 to 2.
        var request = PartitionerLaws.Request(nodes: 3);
        var options = new LabelSets.Options { Labels = [[0], [0, 1], [1, 2]], Sizes = [100, 80, 120] };

        var partition = new LabelSets(options).Split(request);

        Assert.Equal([100, 0, 0], Counts(partition, request, 0)[..3]);
        Assert.Equal([0, 80, 0], Counts(partition, request, 1)[..3]);
        Assert.Equal([0, 20, 100], Counts(partition, request, 2)[..3]);
    }

    [Fact]
    public void Demand_beyond_a_class_is_refused_with_what_fits()
    {
        var request = PartitionerLaws.Request(nodes: 3);
        var options = new LabelSets.Options { Labels = [[0], [0], [1]], SamplesPerNode = 60 };

        var e = Assert.Throws<ExperimentException>(() => new LabelSets(options).Split(request));

        Assert.Contains("3 nodes ask for 180 training samples of their own classes", e.Message);
        Assert.Contains("samplesPerNode can be 50 at most", e.Message);
    }

    [Fact]
    public void If_all_is_shared_each_class_goes_to_its_holders_equally()
    {
        var request = PartitionerLaws.Request(nodes: 3);
        var options = new LabelSets.Options { Labels = [[0, 1], [1], [1, 2]] };

        var partition = new LabelSets(options).Split(request);

        // Class 1 has three holders: 34 + 33 + 33.
        Assert.Equal([100, 34, 0], Counts(partition, request, 0)[..3]);
        Assert.Equal([0, 33, 0], Counts(partition, request, 1)[..3]);
        Assert.Equal([0, 33, 100], Counts(partition, request, 2)[..3]);
    }

    [Fact]
    public void Test_samples_beyond_a_nodes_classes_are_refused()
    {
        // 500 test samples, 50 of each class; two classes have 100.
        var request = PartitionerLaws.Request(nodes: 20);
        var options = new LabelSets.Options { SamplesPerNode = 10, TestSamplesPerNode = 101 };

        var e = Assert.Throws<ExperimentException>(() => new LabelSets(options).Split(request));

        Assert.Contains("node 0 asks for 101 test samples of its classes (0, 1), but there are 100", e.Message);
    }

    public static TheoryData<LabelSets.Options, string> Errors => new()
    {
        { new() { LabelsPerNode = 11 }, "labelsPerNode is 11, but the dataset has 10 classes" },
        { new() { Labels = [[0]] }, "labels has 1 lists for 2 nodes" },
        { new() { Labels = [[0], []] }, "The label list of node 1 is empty" },
        { new() { Labels = [[3, 3], [1]] }, "The label list of node 0 names a class twice" },
        { new() { Labels = [[0], [10]] }, "node 1 asks for class 10, but the dataset's classes are 0 to 9" },
        { new() { Labels = [[0], [-1]] }, "node 1 asks for class -1, but the dataset's classes are 0 to 9" },
    };

    [Theory, MemberData(nameof(Errors))]
    public void Impossible_sets_are_refused(LabelSets.Options options, string error)
    {
        var request = PartitionerLaws.Request(nodes: 2);
        var e = Assert.Throws<ExperimentException>(() => new LabelSets(options).Split(request));

        Assert.Contains(error, e.Message);
    }

    private static int[] Counts(Partition partition, PartitionRequest request, int node) =>
        PartitionerLaws.Counts(partition.Train[node], request.TrainLabels);
}
