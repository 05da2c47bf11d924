using Orleans.FL.Learning.Algorithms.PeerSelection;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class DefKTTests
{
    [Fact]
    public void Pairs_are_of_different_nodes_drawn_anew()
    {
        var plan = new ToyRun("algorithm={\"name\":\"defkt\",\"pairs\":2}").Plan;
        var seen = new HashSet<(int, int)>();
        for (var round = 0; round < 20; round++)
        {
            var pairs = Enumerable.Range(0, 6).Where(n => plan.Row(n, round, 0).Count > 0)
                .Select(n => (Teacher: Assert.Single(plan.Row(n, round, 0)).Node, Student: n)).ToList();
            Assert.Equal(2, pairs.Count);
            Assert.Equal(4, pairs.SelectMany(p => new[] { p.Teacher, p.Student }).Distinct().Count());
            seen.UnionWith(pairs);
        }
        Assert.True(seen.Count > 10);
    }

    // One step on the whole shard, so that the student's move is −η·∇F of F(w) = CE(w) + KL(teacher ‖ w): along the
    // move, F falls by ‖move‖²/η a unit.
    [Fact(Timeout = 60_000)]
    public async Task The_student_descends_cross_entropy_and_divergence()
    {
        var run = new ToyRun("nodes=2", "algorithm=def-kt", "training.batchSize=0",
            "training.optimizer.learningRate=0.5", "training.engine=torch");
        await using var lanes = new TrainingLanes(1);
        var student = run.Plan.Row(0, 0, 0).Count > 0 ? 0 : 1;
        ParameterVector? taught = null;
        await run.Round(lanes, 0, (node, _, update) => taught = node == student ? taught : update.Weights);
        var (start, move) = (run.Plan.InitialWeights,
            Vectors.Combine(run.Learners[student].Weights, 1, run.Plan.InitialWeights, -1));

        Assert.Equal(taught, run.Learners[1 - student].Weights);
        await lanes.Run("test", (lane, stop) =>
        {
            var bench = new Workbench(run.Plan, lane, student, 0, stop);
            double F(double by)
            {
                var w = Vectors.Combine(start, 1, move, by);
                return bench.Evaluate(w, bench.Training).Loss
                    + ModelDistance.KullbackLeibler(bench.Outputs(taught!, bench.Training).Span,
                        bench.Outputs(w, bench.Training).Span, 3);
            }
            var expected = -Vectors.Dot(move, move) / 0.5;
            Assert.Equal(expected, (F(0.1) - F(-0.1)) / 0.2, 0.02 * Math.Abs(expected));
            return true;
        });
    }

    // With two steps and more the student's second step sees a teacher that has moved, too.
    [Fact(Timeout = 60_000)]
    public async Task Both_models_learn()
    {
        var run = new ToyRun("nodes=2", "algorithm=def-kt", "training.optimizer.learningRate=0.5");
        await using var lanes = new TrainingLanes(1);
        var student = run.Plan.Row(0, 0, 0).Count > 0 ? 0 : 1;
        ParameterVector? taught = null;
        await run.Round(lanes, 0, (node, _, update) => taught = node == student ? taught : update.Weights);

        var (both, one) = await lanes.Run("test", (lane, stop) =>
        {
            var bench = new Workbench(run.Plan, lane, student, 0, stop);
            ParameterVector Step(ParameterVector w, ParameterVector from, SampleSet batch) =>
                bench.Step(new TrainingTask(w) { Objective = new() { Distill = new(1, 1, from) } }, batch).Weights;
            var (own, received, alone) = (run.Plan.InitialWeights, taught!, run.Plan.InitialWeights);
            foreach (var batch in bench.Batches("def-kt/transfer"))
            {
                alone = Step(alone, taught!, batch);
                (own, received) = (Step(own, received, batch), Step(received, own, batch));
            }
            return (own, alone);
        });
        Assert.Equal(both, run.Learners[student].Weights);
        Assert.NotEqual(one, run.Learners[student].Weights);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_node_in_no_pair_is_idle()
    {
        var run = new ToyRun("algorithm={\"name\":\"def-kt\",\"pairs\":1}");
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0);

        Assert.Equal(4, run.Learners.Count(me => me.Weights == run.Plan.InitialWeights));
    }

    [Theory]
    [InlineData("algorithm={\"name\":\"def-kt\",\"pairs\":4}", "nodes=6", "set pairs to 3 or less")]
    [InlineData("algorithm=def-kt", "nodes=1", "set nodes to 2 or more")]
    [InlineData("algorithm=def-kt", "training.engine=dense", "set training.engine to auto or torch")]
    public void What_does_not_fit_is_refused(string algorithm, string other, string expected) =>
        Assert.Contains(expected,
            Assert.Single(Assert.Throws<ExperimentException>(() => Toy.Experiment(algorithm, other)).Errors).Message);
}
