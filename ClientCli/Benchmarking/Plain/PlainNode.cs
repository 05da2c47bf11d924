using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.Jobs;
using static TorchSharp.torch;

namespace Orleans.FL.ClientCli.Benchmarking.Plain;

/// <summary>A node's network and TorchSharp optimiser.</summary>
internal sealed class PlainNode : IDisposable
{
    private readonly optim.Optimizer _optimizer;

    /// <summary>A node with a fresh network.</summary>
    /// <param name="plan">The run's plan.</param>
    public PlainNode(Plan plan)
    {
        Network = plan.Experiment.Model.Create().Build(plan.Data.Train.Shape, plan.Data.Outputs);
        _optimizer = OptimizerOf(plan.Experiment.Training, Network);
    }

    /// <summary>The network.</summary>
    public nn.Module<Tensor, Tensor> Network { get; }

    /// <summary>Trains a round: every sample of the order once, batch by batch, for each epoch.</summary>
    /// <param name="data">The training set.</param>
    /// <param name="order">Indices of the node's samples; shuffled in place before each epoch.</param>
    /// <param name="settings">Epochs and batch size.</param>
    /// <param name="stream">Shuffles.</param>
    public PlainScore Train(PlainData data, int[] order, TrainingSettings settings, RandomStream stream)
    {
        var score = new PlainScore();
        var batch = settings.BatchSize == 0 ? order.Length : settings.BatchSize;
        Network.train();
        for (var epoch = 0; epoch < settings.Epochs; epoch++)
        {
            stream.Shuffle<int>(order);
            for (var from = 0; from < order.Length; from += batch)
                Step(data, order.AsSpan(from, Math.Min(batch, order.Length - from)), score);
        }
        return score;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        Network.Dispose();
    }

    private void Step(PlainData data, ReadOnlySpan<int> samples, PlainScore score)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = data.Batch(samples);
        _optimizer.zero_grad();
        var logits = Network.call(images);
        var loss = nn.functional.cross_entropy(logits, labels);
        loss.backward();
        _optimizer.step();
        score.Add(logits, labels, loss);
    }

    private static optim.Optimizer OptimizerOf(TrainingSettings settings, nn.Module network) =>
        settings.Optimizer.Options switch
        {
            Sgd.Options o => optim.SGD(network.parameters(), o.LearningRate, o.Momentum, weight_decay: o.WeightDecay),
            Adam.Options o =>
                optim.Adam(network.parameters(), o.LearningRate, o.Beta1, o.Beta2, o.Epsilon, o.WeightDecay),
            AdamW.Options o =>
                optim.AdamW(network.parameters(), o.LearningRate, o.Beta1, o.Beta2, o.Epsilon, o.WeightDecay),
            _ => throw new ExperimentException(
                $"The plain loop knows no optimiser '{settings.Optimizer.Name}'; use sgd, adam or adamw."),
        };
}

/// <summary>Running loss and accuracy.</summary>
internal sealed class PlainScore
{
    /// <summary>Samples seen.</summary>
    public long Samples { get; private set; }

    /// <summary>Batches seen.</summary>
    public long Batches { get; private set; }

    /// <summary>Samples whose class was right.</summary>
    public long Correct { get; private set; }

    /// <summary>Sum of the losses of the samples.</summary>
    public double Loss { get; private set; }

    /// <summary>Adds a batch.</summary>
    /// <param name="logits">(n, classes).</param>
    /// <param name="labels">(n).</param>
    /// <param name="meanLoss">().</param>
    public void Add(Tensor logits, Tensor labels, Tensor meanLoss)
    {
        var count = labels.shape[0];
        Batches++;
        Samples += count;
        Correct += logits.argmax(1).eq(labels).sum().item<long>();
        Loss += meanLoss.item<float>() * count;
    }

    /// <summary>Adds another score.</summary>
    /// <param name="other">The other.</param>
    public void Add(PlainScore other)
    {
        Batches += other.Batches;
        Samples += other.Samples;
        Correct += other.Correct;
        Loss += other.Loss;
    }
}
