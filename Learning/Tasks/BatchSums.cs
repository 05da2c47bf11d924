using Orleans.FL.Learning.Metrics;

namespace Orleans.FL.Learning.Tasks;

/// <summary>The sums of a batch while it is worked through, piece by piece.</summary>
/// <param name="task">Says which sums there are.</param>
public struct BatchSums(LearningTask task)
{
    private readonly Int128[] _others = new Int128[task.Sums.Count];

    /// <summary>Sum of the losses so far, in the order of the samples.</summary>
    public double Loss { get; set; }

    /// <summary>Samples so far.</summary>
    public int Samples { get; set; }

    /// <summary>The task's further sums so far, in its order; to be added to.</summary>
    public readonly Span<Int128> Others => _others;

    /// <summary>The sums of the whole batch.</summary>
    public readonly MetricSums Sums => MetricSums.OfBatch(Samples, Loss, _others);
}
