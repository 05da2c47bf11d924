using Orleans.FL.Learning.Algorithms.PeerSelection;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Tests.Algorithms;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

/// <summary>Samples that all nodes may look at, and none trains on.</summary>
public class PublicSetTests
{
    private static readonly LabeledData Data = Toy.Data().Get(Toy.Experiment().Dataset);

    // 120 samples, some of each of three classes: 30 of them are a quarter of each class, up to rounding.
    [Fact]
    public void A_stratified_set_has_the_shares_of_the_data()
    {
        var plan = Plan.Of(Toy.Experiment("publicSet={\"samples\":30}"), Data);

        Assert.Equal(30, plan.Public.Count);
        Assert.Equal(plan.Public.Indices.Distinct().Order(), plan.Public.Indices);
        for (var label = 0; label < 3; label++)
            Assert.InRange(plan.Public.Indices.Count(i => Data.Train.Labels[i] == label)
                - Data.Train.Labels.Count(l => l == label) / 4.0, -1, 1);
    }

    [Theory]
    [InlineData("stratified", "iid")]
    [InlineData("iid", "{\"name\":\"dirichlet\",\"alpha\":1}")]
    [InlineData("iid", "{\"name\":\"bootstrap\",\"minSamples\":9,\"maxSamples\":40}")]
    [InlineData("iid", "{\"name\":\"label-sets\"}")]
    public void No_node_holds_a_public_sample_and_each_other_sample_is_shared(string draw, string partitioner)
    {
        var experiment = Toy.Experiment($"publicSet={{\"samples\":30,\"draw\":\"{draw}\"}}",
            $"partitioner={partitioner}");
        var (plan, again) = (Plan.Of(experiment, Data), Plan.Of(experiment, Data));

        var held = Enumerable.Range(0, 6)
            .SelectMany(n => plan.TrainIndices(n).Concat(plan.ValidationIndices(n))).ToList();
        Assert.Empty(held.Intersect(plan.Public.Indices));
        if (!partitioner.Contains("bootstrap", StringComparison.Ordinal)) Assert.Equal(90, held.Distinct().Count());
        Assert.Equal(plan.Public.Indices, again.Public.Indices);
        Assert.Equal(plan.TrainIndices(3), again.TrainIndices(3));
        Assert.NotEqual(plan.Public.Indices, Plan.Of(experiment with { Seed = 12 }, Data).Public.Indices);
    }

    [Fact]
    public void A_public_set_of_another_dataset_takes_no_samples_from_the_nodes()
    {
        var other = ToyData.Labeled(50, 10, new SampleShape(1, 4, 4), 3, 9);
        var plan = Plan.Of(Toy.Experiment("publicSet={\"samples\":50,\"dataset\":\"mnist\"}"),
            new DatasetCache(d => d.Name == "mnist" ? other : Data));
        var without = Plan.Of(Toy.Experiment(), Data);

        Assert.Same(other.Train, plan.Public.Data);
        Assert.Equal(Enumerable.Range(0, 50), plan.Public.Indices);
        Assert.Equal(without.TrainIndices(2), plan.TrainIndices(2));
        Assert.Empty(without.Public.Indices);
    }

    [Theory]
    [InlineData("{\"samples\":120}", "$.publicSet.samples: 120 public samples are asked for, "
        + "but there are 120 training samples, of which nodes must get some; ask for 119 at most.")]
    [InlineData("{\"samples\":31}", "samplesPerNode can be 14 at most. 31 of 120 training samples are the public set; "
        + "fewer there (publicSet.samples) leave more to the nodes.")]
    [InlineData("{\"samples\":21,\"dataset\":\"mnist\"}", "but there are 20 training samples; ask for 20 at most.")]
    [InlineData("{\"samples\":9,\"dataset\":\"fashion-mnist\"}", "$.publicSet.dataset: "
        + "Its samples have the shape (1, 5, 4), those that nodes train on (1, 4, 4); name a dataset of that shape")]
    [InlineData("{\"samples\":9,\"dataset\":\"fashion-mnist\"}",
        "It has 2 classes, the data that nodes train on have 3")]
    public void What_the_data_do_not_give_is_refused(string settings, string error)
    {
        var data = new DatasetCache(d => d.Name switch
        {
            "mnist" => ToyData.Labeled(20, 10, new SampleShape(1, 4, 4), 3, 9),
            "fashion-mnist" => ToyData.Labeled(20, 10, new SampleShape(1, 5, 4), 2, 9),
            _ => Data,
        });

        Assert.Contains(error, Assert.Throws<ExperimentException>(() =>
            Plan.Of(Toy.Experiment($"publicSet={settings}"), data)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("publicSet={\"dataset\":\"digits\"}", "'digits' is what the nodes train on; leave dataset out")]
    [InlineData("algorithm={\"name\":\"similarity\",\"metric\":\"loss\",\"probe\":\"public\"}",
        "set publicSet, to { \"samples\": 200 } for example")]
    [InlineData("algorithm={\"name\":\"representation-similarity\",\"probe\":\"public\"}", "set publicSet")]
    [InlineData("publicSet.samples=0", "publicSet.samples")]
    public void What_does_not_fit_is_refused_before_the_start(string setting, string error) =>
        Assert.Contains(error, Assert.Throws<ExperimentException>(() => Toy.Experiment(setting)).Message,
            StringComparison.Ordinal);

    // Weights are compared, not outputs: nothing public is needed.
    [Fact]
    public void Distances_of_weights_need_no_public_set() =>
        Toy.Experiment("algorithm={\"name\":\"similarity\",\"probe\":\"public\"}");

    [Fact]
    public void Without_one_nothing_is_written()
    {
        Assert.DoesNotContain("publicSet", ExperimentWriter.Canonical(Toy.Experiment()), StringComparison.Ordinal);
        Assert.Contains("\"draw\": \"stratified\"",
            ExperimentWriter.Canonical(Toy.Experiment("publicSet={\"samples\":9}")), StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("output-l2")]
    [InlineData("output-kl")]
    [InlineData("loss")]
    public async Task Similarity_goes_by_the_public_set(string metric)
    {
        var run = new ToyRun("topology=fully-connected", "publicSet={\"samples\":20}", "training.epochs=5",
            $"algorithm={{\"name\":\"similarity\",\"metric\":\"{metric}\",\"probe\":\"public\"}}");
        var sent = new ParameterVector[6];
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, _, update) => sent[node] = update.Weights);

        var distances = await lanes.Run("test", (lane, stop) =>
        {
            var bench = new Workbench(run.Plan, lane, 4, 0, stop);
            ReadOnlySpan<float> Scores(int node) => bench.Outputs(sent[node], run.Plan.Public).Span;
            return Enumerable.Range(0, 6).Select(j => metric switch
            {
                "output-l2" => ModelDistance.Euclidean(Scores(4), Scores(j)),
                "output-kl" => ModelDistance.KullbackLeibler(Scores(4), Scores(j), 3),
                _ => bench.Evaluate(sent[j], run.Plan.Public).Loss,
            }).ToArray();
        });
        var chosen = Enumerable.Range(0, 6).Where(i => i != 4).OrderBy(i => distances[i]).Take(2).Append(4).Order();
        Assert.Equal(ExactSum.WeightedMean([.. chosen.Select(i => (sent[i], 1.0))]), run.Learners[4].Weights);
    }
}
