using System.Diagnostics;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.Engines.Torch;
using static TorchSharp.torch;

namespace Orleans.FL.ClientCli.Benchmarking.Plain;

/// <summary>FedAvg on a star, written straight down in TorchSharp: what a run is compared with.</summary>
/// <remarks>
/// It takes the split, the initial weights, the order of samples and the participants from the experiment, so that it
/// does the same steps and tests; everything else is what a TorchSharp user would write: modules, torch.optim, state
/// dicts, one thread. Where moments are kept from round to round each node keeps its module and optimiser, else it
/// gets new ones.
/// </remarks>
internal static class PlainLoop
{
    /// <summary>Refuses what the loop does not do.</summary>
    /// <param name="e">The experiment.</param>
    public static void Require(Experiment e)
    {
        if (e.Algorithm.Name != "fedavg" || e.Topology.Name != "star")
            throw new ExperimentException("The plain loop does fedavg on a star only; choose these.");
        if (!e.TaskOrDefault().HasClasses)
            throw new ExperimentException("The plain loop classifies only; choose a task with classes.");
        if (e.NodeOverrides.Count > 0 || e.Training.Steps > 0 || e.Training.ValidationFraction > 0)
            throw new ExperimentException("The plain loop knows no nodeOverrides, "
                + "training.steps or training.validationFraction; leave them out.");
    }

    /// <summary>Runs to the end.</summary>
    /// <param name="plan">The run's plan.</param>
    public static IReadOnlyList<PlainRound> Run(Plan plan)
    {
        set_num_threads(1); // more threads cost more processor time for the same steps
        var (train, test) = (PlainData.Of(plan.Data.Train), PlainData.Of(plan.Data.Test));
        using var server = plan.Experiment.Model.Create().Build(plan.Data.Train.Shape, plan.Data.Outputs);
        Load(server, plan);
        var nodes = new PlainNode?[plan.Experiment.Nodes];
        var rounds = new List<PlainRound>();
        for (var round = 0; round < plan.Experiment.Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var (score, trained) = Train(plan, round, server, nodes, train);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            double? accuracy = plan.Tests(round) ? Test(server, test, plan.TestIndices) : null;
            rounds.Add(new PlainRound(round + 1, score.Loss / score.Samples, (double)score.Correct / score.Samples,
                accuracy, score.Batches, trained, seconds));
        }
        foreach (var node in nodes) node?.Dispose();
        return rounds;
    }

    /// <summary>A round of training: each participant from the server's weights; the server takes their mean.</summary>
    private static (PlainScore Score, int Nodes) Train(
        Plan plan, int round, nn.Module<Tensor, Tensor> server, PlainNode?[] nodes, PlainData data)
    {
        var settings = plan.Experiment.Training;
        int[] chosen =
            [.. Enumerable.Range(0, nodes.Length).Where(i => plan.Trains(i, round) && plan.TrainIndices(i).Length > 0)];
        var total = (double)chosen.Sum(i => plan.TrainIndices(i).Length);
        var score = new PlainScore();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var global = server.state_dict();
        var mean = global.ToDictionary(entry => entry.Key, entry => zeros_like(entry.Value));
        foreach (var i in chosen)
        {
            var node = nodes[i] ?? new PlainNode(plan);
            node.Network.load_state_dict(global);
            using (enable_grad())
                score.Add(node.Train(data, [.. plan.TrainIndices(i)], settings, plan.Seeds.Stream("order", i, round)));
            AddState(mean, node.Network, plan.TrainIndices(i).Length / total);
            if (settings.KeepMoments) nodes[i] = node;
            else node.Dispose();
        }
        server.load_state_dict(mean);
        return (score, chosen.Length);
    }

    private static void AddState(Dictionary<string, Tensor> mean, nn.Module network, double share)
    {
        foreach (var (name, value) in network.state_dict())
            if (value.is_floating_point()) mean[name].add_(value, alpha: share);
            else mean[name].copy_(value);
    }

    private static double Test(nn.Module<Tensor, Tensor> network, PlainData data, int[] indices)
    {
        var score = new PlainScore();
        using var noGradient = no_grad();
        network.eval();
        for (var from = 0; from < indices.Length; from += Evaluator.BatchSize)
        {
            using var scope = NewDisposeScope();
            var (images, labels) = data.Batch(
                indices.AsSpan(from, Math.Min(Evaluator.BatchSize, indices.Length - from)));
            var logits = network.call(images);
            score.Add(logits, labels, nn.functional.cross_entropy(logits, labels));
        }
        return (double)score.Correct / score.Samples;
    }

    /// <summary>Puts the experiment's initial weights into a network.</summary>
    private static void Load(nn.Module network, Plan plan)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var state = network.state_dict();
        foreach (var slice in plan.Layout.Slices)
        {
            var values = plan.InitialWeights.Span.Slice(slice.Offset, slice.Length).ToArray();
            state[slice.Name].copy_(tensor(values, [.. slice.Shape.Select(d => (long)d)]));
        }
    }
}
