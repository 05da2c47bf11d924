using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Partitioners;
using Xunit;

namespace Orleans.FL.Learning.Tests.Partitioners;

public sealed class ShardsTests
{
    [Fact]
    public void McMahans_split_gives_most_nodes_two_classes()
    {
        // 60,000 samples in 200 shards of 300, two for each of 100 nodes; 300 divides a class' 6,000: no shard mixes.
        int[] labels = [.. Enumerable.Range(0, 60_000).Select(i => i * 7 % 10)];

        var partition = new Shards(new Shards.Options()).Split(new PartitionRequest(labels, [], 10, 100, new Seeds(1)));

        Assert.All(partition.Train, node =>
        {
            var counts = PartitionerLaws.Counts(node, labels).Where(count => count > 0).ToList();
            Assert.InRange(counts.Count, 1, 2);
            Assert.All(counts, count => Assert.Equal(0, count % 300));
        });
        // A node's second shard is of the first one's class with probability 19/199: some nodes have two classes.
        Assert.Contains(partition.Train, node => PartitionerLaws.Counts(node, labels).Count(count => count > 0) == 2);
    }

    [Fact]
    public void One_shard_a_node_is_one_class_where_shards_fit_into_classes()
    {
        var request = PartitionerLaws.Request(nodes: 20);

        var partition = new Shards(new Shards.Options { ShardsPerNode = 1 }).Split(request);

        // 100 samples of each class are two shards of 50.
        Assert.All(partition.Train, node => Assert.Equal(50, PartitionerLaws.Counts(node, request.TrainLabels).Max()));
    }

    [Fact]
    public void Less_than_all_is_a_sample_of_all_classes()
    {
        var request = PartitionerLaws.Request(nodes: 20);

        var partition = new Shards(new Shards.Options { SamplesPerNode = 10 }).Split(request);

        var counts = PartitionerLaws.Counts([.. partition.Train.SelectMany(indices => indices)], request.TrainLabels);
        // 200 of 1,000: 20 of each class, hypergeometric deviation 3.8; five of them: 19.
        Assert.All(counts, count => Assert.InRange(count, 1, 39));
    }
}
