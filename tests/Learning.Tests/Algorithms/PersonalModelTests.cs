using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>Ditto and APFL keep a model of their own beside the shared one, and test that.</summary>
public class PersonalModelTests
{
    [Fact(Timeout = 60_000)]
    public async Task Ditto_holds_its_own_model_near_the_shared_one_of_the_rounds_start()
    {
        var run = new ToyRun("nodes=2", "algorithm={\"name\":\"ditto\",\"lambda\":0.5}");
        await using var lanes = new TrainingLanes(1);
        var own = run.Plan.InitialWeights;
        for (var round = 0; round < 2; round++)
        {
            var (r, start, before) = (round, run.Learners[1].Weights, own);

            await run.Round(lanes, round);
            own = await lanes.Run("run", (lane, _) => Train(run, lane, 1, r, before, new(0.5f, start)));

            Assert.Equal(own, run.Learners[1].Tested);
            Assert.NotEqual(own, run.Learners[1].Weights);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Dittos_shared_model_is_that_of_fedavg()
    {
        var (ditto, fedavg) = (new ToyRun("nodes=2", "algorithm=ditto"), new ToyRun("nodes=2"));
        await using var lanes = new TrainingLanes(1);
        foreach (var round in new[] { 0, 1 })
        {
            await ditto.Round(lanes, round);
            await fedavg.Round(lanes, round);
        }

        Assert.Equal(fedavg.Learners[1].Weights, ditto.Learners[1].Weights);
        Assert.Equal(fedavg.Learners[1].Tested, fedavg.Learners[1].Weights);
    }

    // One node, one step a round, α = ½. Round 0, m₀ = -η·∇f(w₀): w = w₀ + m₀, v = w₀ + ½·m₀, v - w was 0 and α stays:
    // v̄ = w₀ + ¾·m₀. Round 1: m₁ = -η·∇f(v̄), α = ½ + ⟨m₁, v - w⟩ = ½ - ½·⟨m₁, m₀⟩, v = w₀ + ½·m₀ + ½·m₁ (with the
    // α of before).
    [Fact(Timeout = 60_000)]
    public async Task Apfl_by_hand()
    {
        var run = new ToyRun("nodes=1", "algorithm=apfl", "training.batchSize=0");
        var (me, start) = (run.Learners[0], run.Plan.InitialWeights);
        await using var lanes = new TrainingLanes(1);
        Task<ParameterVector> Step(ParameterVector at) => lanes.Run("run", (lane, stop) => Vectors.Scale(lane
            .EngineFor(run.Plan.Experiment.Model, me.Settings)
            .Gradient(new(run.Plan.Experiment.Model, run.Plan.Outputs, at, run.Plan.Data.Train),
                run.Plan.TrainIndices(0), stop), -0.1));

        await run.Round(lanes, 0);
        var first = await Step(start);
        AlgorithmLaws.Near(Vectors.Combine(start, 1, first, 1), me.Weights, 1e-6);
        AlgorithmLaws.Near(Vectors.Combine(start, 1, first, 0.75), me.Tested, 1e-6);

        var second = await Step(me.Tested);
        var third = await Step(me.Weights);
        await run.Round(lanes, 1);
        var alpha = 0.5 - 0.5 * Vectors.Dot(second, first);
        var own = Vectors.Combine(Vectors.Combine(start, 1, first, 0.5), 1, second, 0.5);
        var shared = Vectors.Combine(Vectors.Combine(start, 1, first, 1), 1, third, 1);
        Assert.Equal(alpha, me.Numbers("apfl.share")!.Span[0], 1e-6);
        Assert.NotEqual(0.5, alpha, 1e-4);
        AlgorithmLaws.Near(Vectors.Combine(own, alpha, shared, 1 - alpha), me.Tested, 1e-6);
    }

    [Fact]
    public void Apfl_refuses_momentum() =>
        Assert.Contains("momentum 0", Assert.Single(Assert.Throws<ExperimentException>(
            () => Toy.Experiment("algorithm=apfl", "training.optimizer.momentum=0.5")).Errors).Message);

    // Moves 2 and 4: the server tests their mean, the other what it trained.
    [Fact]
    public void Nodes_that_are_pushed_to_test_what_they_trained()
    {
        var run = new ToyRun("nodes=2", "algorithm=fedavgpush");
        run.Train(0, 0, 2, 1);
        run.Train(1, 0, 4, 1);
        run.Exchange(0, 0);
        run.Exchange(0, 1);

        Assert.Equal(3, ToyRun.Moved(run.Learners[0].Tested, run.Plan.InitialWeights));
        Assert.Equal(4, ToyRun.Moved(run.Learners[1].Tested, run.Plan.InitialWeights));
        Assert.Equal(3, run.Moved(1));
    }

    private static ParameterVector Train(
        ToyRun run, Lane lane, int node, int round, ParameterVector start, LocalObjective objective)
    {
        var (plan, settings) = (run.Plan, run.Learners[node].Settings);
        return lane.EngineFor(plan.Experiment.Model, settings)
            .Train(new(plan.Experiment.Model, plan.Outputs, plan.Data.Train, plan.TrainIndices(node), settings, start,
                objective, OptimizerState.Fresh, plan.Seeds.Stream("order", node, round))).Weights;
    }
}
