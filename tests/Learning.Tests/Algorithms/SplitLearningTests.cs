using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Algorithms.Split;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>A model in two places moves as a whole one would, and sends and receives only what it declares.</summary>
public partial class SplitLearningTests
{
    private const string Deep = "model={\"name\":\"mlp\",\"hidden\":[8,7,6]}", Cnn = "model=cnn",
        Residual = "model=resnet6";

    public static TheoryData<string, string[]> Turns => new()
    {
        { "{\"name\":\"split-learning\"}", [] },
        { "{\"name\":\"split-learning\",\"cut\":3}", ["training.epochs=2"] },
        { "{\"name\":\"split-learning\",\"cut\":2}",
            ["training.steps=5", "training.optimizer={\"name\":\"sgd\",\"momentum\":0.9,\"weightDecay\":0.01}",
                "training.keepMoments=false"] },
        { "{\"name\":\"split-learning\",\"shape\":\"u-shaped\"}", [] },
        { "{\"name\":\"split-learning\",\"shape\":\"u-shaped\",\"cut\":1,\"head\":2}",
            ["training.optimizer.weightDecay=0.1"] },
        { "{\"name\":\"split-learning\",\"shape\":\"u-shaped\",\"cut\":2}",
            ["training.optimizer={\"name\":\"sgd\",\"momentum\":0.5}", "training.keepMoments=false"] },
        // Batches of more than 256 samples go through in pieces, and their weights move after the last.
        { "{\"name\":\"split-learning\"}",
            ["training.batchSize=0", "partitioner.samplesPerNode=700", "partitioner.name=iid"] },
        { "{\"name\":\"split-learning\",\"shape\":\"u-shaped\"}", ["training.batchSize=300",
            "partitioner.samplesPerNode=700", "partitioner.name=iid", "training.optimizer.weightDecay=0.1"] },
        // On libtorch, where a batch of any size is one piece.
        { "{\"name\":\"split-learning\"}", [Cnn] },
        { "{\"name\":\"split-learning\",\"cut\":2}",
            [Cnn, "training.epochs=2", "training.optimizer={\"name\":\"sgd\",\"momentum\":0.9,\"weightDecay\":0.01}",
                "training.keepMoments=false"] },
        { "{\"name\":\"split-learning\",\"cut\":3}",
            [Cnn, "training.optimizer={\"name\":\"adam\"}", "training.keepMoments=false"] },
        { "{\"name\":\"split-learning\",\"shape\":\"u-shaped\"}", [Cnn] },
        { "{\"name\":\"split-learning\",\"shape\":\"u-shaped\",\"cut\":1,\"head\":2}",
            [Cnn, "training.batchSize=300", "partitioner.samplesPerNode=700", "partitioner.name=iid", "rounds=2"] },
        { "{\"name\":\"split-learning\",\"cut\":2}", ["training.engine=torch"] },
        { "{\"name\":\"split-learning\",\"shape\":\"u-shaped\"}", ["training.engine=torch", "training.batchSize=0",
            "partitioner.samplesPerNode=700", "partitioner.name=iid"] },
        // Statistics of BatchNorm are of the side that has the layer. Its last batch of a single sample is left out
        // at both sides.
        { "{\"name\":\"split-learning\"}", [Residual] },
        { "{\"name\":\"split-learning\",\"cut\":4}", [Residual, "partitioner.samplesPerNode=16",
            "training.optimizer={\"name\":\"adamw\"}", "training.keepMoments=false"] },
        { "{\"name\":\"split-learning\",\"shape\":\"u-shaped\",\"cut\":2}", [Residual] },
    };

    // The gradient that crosses the cut is that of the chain rule: turns are the whole model, trained at one node
    // after the other.
    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Turns))]
    public Task Turns_move_the_parts_to_the_bits_of_the_whole_model_trained_at_one_node_after_the_other(
        string algorithm, string[] overrides) =>
        AreTheWholeModel(Toy.Experiment([$"algorithm={algorithm}", Deep, "rounds=7", .. overrides]), Data());

    // Libtorch computes large layers in other ways than small ones.
    [Slow]
    [Theory(Timeout = 120_000)]
    [InlineData("{\"name\":\"split-learning\"}", "model=cnn")]
    [InlineData("{\"name\":\"split-learning\",\"cut\":2}", "model=cnn")]
    [InlineData("{\"name\":\"split-learning\",\"cut\":3}", "model=cnn")]
    [InlineData("{\"name\":\"split-learning\",\"shape\":\"u-shaped\",\"cut\":2}", "model=cnn")]
    [InlineData("{\"name\":\"split-learning\",\"cut\":3}", "model=resnet6")]
    public Task Images_of_the_usual_size_work_the_same_way(string algorithm, string model) =>
        AreTheWholeModel(Toy.Experiment($"algorithm={algorithm}", model, "rounds=3", "training.batchSize=32",
            "partitioner.name=iid", "partitioner.samplesPerNode=101"),
            new DatasetCache(_ => ToyData.Labeled(600, 120, new SampleShape(1, 28, 28), 3, 5)));

    [Fact(Timeout = 60_000)]
    public async Task A_turn_of_one_node_a_round_goes_round_all_nodes_but_the_server()
    {
        var run = await Run("{\"name\":\"split-learning\"}", "rounds=6");

        Assert.Equal([1, 2, 3, 4, 5, 1], run.Rounds.Select(r => r.Nodes.Single(n => n.Steps > 0).Node));
        Assert.Equal([[0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 4, 5], [0, 1, 5], [0, 1, 2]],
            run.Rounds.Select(r => r.Nodes.Select(n => n.Node).ToArray()));
    }

    // mlp 16-8-7-6-3; layers hold 136, 63, 48 and 21 values.
    [Theory(Timeout = 60_000)]
    [InlineData("{\"name\":\"split-learning\",\"cut\":2}", 136 + 63, 136 + 63)]
    [InlineData("{\"name\":\"split-learning\",\"shape\":\"u-shaped\",\"cut\":1,\"head\":1}", 136, 136 + 21)]
    public async Task Each_side_holds_its_part_and_zeros_in_place_of_the_others(string algorithm, int below, int held)
    {
        var run = await Run(algorithm, "rounds=1");

        var (server, node) = (run.Weights[0].Span.ToArray(), run.Weights[1].Span.ToArray());
        Assert.All(Enumerable.Range(0, 268), i => Assert.True(server[i] == 0 || node[i] == 0));
        Assert.All(server[..below], v => Assert.Equal(0, v));
        Assert.True(node.Count(v => v != 0) > held / 2 && node.Count(v => v != 0) <= held);
        Assert.True(server.Count(v => v != 0) <= 268 - held);
    }

    // 12 of 15 samples train, in 3 batches; 3 are held out, 5 are the node's own test samples and 60 everybody's.
    // Values of 4 bytes.
    [Theory(Timeout = 60_000)]
    // activations and labels; gradients and scores
    [InlineData("{\"name\":\"split-learning\"}", Deep, 12 * (8 + 1) + 68 * 8, 12 * 8 + 68 * 3, 136)]
    [InlineData("{\"name\":\"split-learning\",\"cut\":2}", Deep, 12 * (7 + 1) + 68 * 7, 12 * 7 + 68 * 3, 136 + 63)]
    [InlineData("{\"name\":\"split-learning\",\"shape\":\"u-shaped\"}", Deep, 12 * (8 + 6) + 68 * 8,
        12 * (6 + 8) + 68 * 6, 136 + 21)]
    // 4x4 pixels: 32 maps of 2x2, 64 of 1x1, 512 units; conv1 has 32*25 + 32 values, fc2 512*3 + 3.
    [InlineData("{\"name\":\"split-learning\"}", Cnn, 12 * (128 + 1) + 68 * 128, 12 * 128 + 68 * 3, 832)]
    [InlineData("{\"name\":\"split-learning\",\"shape\":\"u-shaped\"}", Cnn, 12 * (128 + 512) + 68 * 128,
        12 * (512 + 128) + 68 * 512, 832 + 1539)]
    // 16 maps of 4x4 behind the first convolution (16*9 values) and its BatchNorm: factors, offsets, means
    // and variances.
    [InlineData("{\"name\":\"split-learning\",\"cut\":2}", Residual, 12 * (256 + 1) + 68 * 256, 12 * 256 + 68 * 3,
        144 + 4 * 16)]
    public async Task Payload_is_all_that_crosses_and_the_part_that_is_handed_on(
        string algorithm, string model, int up, int down, int part)
    {
        var round = (await Run(algorithm, model, "rounds=1")).Rounds.Single();

        Assert.Equal(4L * (up + part), round.Nodes[1].SentBytes);
        Assert.Equal(4L * down, round.Nodes[1].ReceivedBytes);
        Assert.Equal((4L * down, 4L * up), (round.Nodes[0].SentBytes, round.Nodes[0].ReceivedBytes));
        Assert.Equal((0, 4L * part), (round.Nodes[2].SentBytes, round.Nodes[2].ReceivedBytes));
    }

    [Fact]
    public void The_server_holds_no_samples_and_the_others_hold_what_they_would_among_themselves()
    {
        var plan = new ToyRun("algorithm=split-learning").Plan;
        var others = new ToyRun("nodes=5").Plan;

        Assert.Empty(plan.TrainIndices(0));
        Assert.Empty(plan.LocalTest[0]);
        Assert.All(Enumerable.Range(0, 5), n => Assert.Equal(others.LocalTest[n], plan.LocalTest[n + 1]));
        Assert.All(Enumerable.Range(0, 5), n => Assert.Equal(others.TrainIndices(n).Concat(others.ValidationIndices(n))
            .Order(), plan.TrainIndices(n + 1).Concat(plan.ValidationIndices(n + 1)).Order()));
    }

    [Fact]
    public void In_the_u_shape_no_label_leaves_the_node()
    {
        var run = new ToyRun("algorithm={\"name\":\"split-learning\",\"shape\":\"u-shaped\"}", Deep);
        var (node, server) = (run.Learners[1].JoinSession(0, 0, 0), run.Learners[0].JoinSession(0, 0, 1));

        var (said, received) = (node.Next(null)!.Value, server.Next(null)!.Value);

        Assert.Equal(4 * 8, said.Message!.Length); // 4 samples, 8 values at the cut
        Assert.Equal(said.Message.Length, received.Awaits);
        Assert.Null(received.Message);
    }

    [Theory]
    [InlineData(4 * 9 - 1)]
    [InlineData(4 * 9 + 1)]
    [InlineData(0)]
    public void A_message_of_another_length_is_refused(int length)
    {
        var server = new ToyRun("algorithm=split-learning", Deep).Learners[0].JoinSession(0, 0, 1);
        Assert.Equal(4 * 9, server.Next(null)!.Value.Awaits);

        Assert.Throws<InvalidDataException>(() => server.Next(length == 0 ? null : ParameterVector.Zeros(length)));
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(3f)]
    [InlineData(0.5f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e20f)]
    public void A_label_that_is_no_class_is_refused(float label)
    {
        var server = new ToyRun("algorithm=split-learning", Deep).Learners[0].JoinSession(0, 0, 1);
        server.Next(null);
        var message = new float[4 * 9];
        message[^1] = label;

        Assert.Contains("label", Assert.Throws<InvalidDataException>(() =>
            server.Next(ParameterVector.Own(message))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_diverged_turn_is_not_concluded()
    {
        var server = new ToyRun("algorithm=split-learning", Deep).Learners[0];
        var side = server.JoinSession(0, 0, 1);
        side.Next(null);
        for (SplitMessage? line = new SplitMessage(null, 4 * 9); line is { Awaits: > 0 };)
            line = side.Next(
                ParameterVector.Own([.. Enumerable.Repeat(float.NaN, line.Value.Awaits - 4), .. new float[4]]));

        Assert.Throws<NotSummableException>(() => server.Conclude(side.Result));
        Assert.Equal(new ToyRun(Deep).Plan.InitialWeights, server.Weights);
    }

    [Fact]
    public async Task A_conversation_disposes_of_its_side_when_it_is_over_and_when_it_breaks_off()
    {
        var (over, broken) = (new Side(new SplitMessage(null, 0)), new Side(new SplitMessage(null, 1)));
        using var given = new CancellationTokenSource();
        var (end, _) = SplitSession.Link();

        await SplitSession.Run(over, end, line => Task.FromResult(line()));
        var session = SplitSession.Run(broken, end, line => Task.FromResult(line()), given.Token);
        Assert.Equal((1, 0), (over.Disposed, broken.Disposed));
        await given.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session);
        Assert.Equal(1, broken.Disposed);
    }

    [Theory]
    [InlineData("split")]
    [InlineData("splitnn")]
    [InlineData("slrr")]
    public void Its_other_names_are_known(string name) =>
        Assert.IsType<SplitLearning>(Toy.Experiment("algorithm=" + name).Algorithm.Create());

    private static async Task AreTheWholeModel(Experiment experiment, DatasetCache data)
    {
        var plan = Plan.Of(experiment, data.Get(experiment.Dataset));

        var run = await Simulation.Run(experiment, new SimulationOptions(data, 2, TimeProvider.System));

        var whole = plan.InitialWeights;
        await using var lanes = new TrainingLanes(1);
        for (var round = 0; round < experiment.Rounds; round++)
        {
            var (r, node, start) = (round, 1 + round % 5, whole);
            var (trained, test, validation, local) = await lanes.Run("whole", (lane, stop) =>
            {
                var bench = new Workbench(plan, lane, node, r, stop);
                var result = bench.Train(new TrainingTask(start));
                return (result, bench.Evaluate(result.Weights, new(plan.Data.Test, plan.TestIndices)),
                    bench.Evaluate(result.Weights, bench.Validation),
                    bench.Evaluate(result.Weights, new(plan.Data.Test, plan.LocalTest[node])));
            });
            whole = trained.Weights;
            var report = run.Rounds[r];
            Assert.Equal(trained.Metrics, report.Training);
            Assert.Equal(trained.Steps, report.Nodes.Single(n => n.Node == node).Steps);
            var mine = report.Nodes.Single(n => n.Node == node);
            Assert.Equal((test, validation, local), (mine.Test, mine.Validation, mine.LocalTest));
            Assert.Equal(MetricSums.Zero, report.Nodes.Single(n => n.Node == 0).Test);
        }
        Assert.NotEqual(plan.InitialWeights, whole);
        Assert.Equal(whole, Sum(run.Weights));
    }

    private static DatasetCache Data() => new(_ => ToyData.Labeled(3600, 60, new SampleShape(1, 4, 4), 3, 5));

    private static Task<SimulationResult> Run(string algorithm, params string[] more) =>
        Simulation.Run(Toy.Experiment([$"algorithm={algorithm}", Deep, .. more]),
            new SimulationOptions(Toy.Data(), 2, TimeProvider.System));

    private sealed class Side(params SplitMessage[] lines) : SplitParty
    {
        public int Disposed { get; private set; }

        public override SplitOutcome Result => new(ParameterVector.Zeros(1), default, 0, default, default, default);

        public override void Dispose()
        {
            Disposed++;
            base.Dispose();
        }

        protected override IEnumerable<SplitMessage> Messages() => lines;
    }

    private static ParameterVector Sum(IReadOnlyList<ParameterVector> parts) => ParameterVector.Own(
        [.. Enumerable.Range(0, parts[0].Length).Select(i => parts.Sum(p => p.Span[i]))]);
}
