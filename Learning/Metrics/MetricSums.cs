namespace Orleans.FL.Learning.Metrics;

/// <summary>
/// What a task measures over some samples, as exact sums: partial results merge in any order to the same bits.
/// </summary>
/// <remarks>
/// A commutative monoid: <see cref="Zero"/> and <c>+</c>. Besides the loss there are as many further sums as the
/// task has; what each of them means, and in which fixed-point unit it counts, is the task's to say. Means are taken
/// only when shown.
/// </remarks>
public readonly struct MetricSums : IEquatable<MetricSums>
{
    private const double LossUnit = 1L << 24;
    private const double LargestLoss = 1e18; // of a batch; of 2^40 batches that large the sum is still exact

    private readonly Int128[]? _others; // never changed; one that is not there is 0
    private readonly long _notFinite;

    /// <summary>Sums.</summary>
    /// <param name="samples">Number of samples.</param>
    /// <param name="notFinite">Samples whose loss was infinite or not a number; they are left out of the sum of
    /// losses.</param>
    /// <param name="lossFixed">Sum of the samples' losses in units of 2^-24.</param>
    /// <param name="others">The task's further sums, in its order.</param>
    public MetricSums(long samples, long notFinite, Int128 lossFixed, params ReadOnlySpan<Int128> others)
    {
        (Samples, _notFinite, LossFixed) = (samples, notFinite, lossFixed);
        _others = others.IsEmpty ? null : others.ToArray();
    }

    /// <summary>The sums over no sample.</summary>
    public static MetricSums Zero => default;

    /// <summary>Number of samples.</summary>
    public long Samples { get; }

    /// <summary>Samples whose loss was infinite or not a number; all of them where a sum has become too large to be
    /// exact.</summary>
    public long NotFinite => IsSaturated ? Samples : _notFinite;

    /// <summary>Sum of the losses in units of 2^-24.</summary>
    public Int128 LossFixed { get; }

    /// <summary>Number of the task's further sums that are there.</summary>
    public int Count => _others?.Length ?? 0;

    /// <summary>Mean loss; NaN over no sample or if any loss was not finite.</summary>
    public double Loss => Samples == 0 || NotFinite > 0 ? double.NaN : (double)LossFixed / LossUnit / Samples;

    /// <summary>One of the task's further sums; 0 if it is not there.</summary>
    /// <param name="index">Its place in the task's order.</param>
    public Int128 this[int index] => _others is not null && index < _others.Length ? _others[index] : 0;

    /// <summary>The sums over one batch.</summary>
    /// <param name="samples">Samples in the batch.</param>
    /// <param name="lossSum">Sum of their losses.</param>
    /// <param name="others">The task's further sums.</param>
    public static MetricSums OfBatch(int samples, double lossSum, params ReadOnlySpan<Int128> others) =>
        double.IsFinite(lossSum) && Math.Abs(lossSum) < LargestLoss
            ? new(samples, 0, (Int128)Math.Round(lossSum * LossUnit), others)
            : new(samples, samples, 0, others);

    /// <summary>The sums over both sets of samples; one that would overflow stays at its bound.</summary>
    /// <remarks>What grows without bound has no negative terms, so that the order makes no difference here
    /// either.</remarks>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static MetricSums operator +(MetricSums a, MetricSums b)
    {
        Span<Int128> others = stackalloc Int128[Math.Max(a.Count, b.Count)];
        for (var i = 0; i < others.Length; i++) others[i] = Sum(a[i], b[i]);
        return new(checked(a.Samples + b.Samples), checked(a._notFinite + b._notFinite),
            Sum(a.LossFixed, b.LossFixed), others);
    }

    /// <summary>The sums over both sets of samples.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static MetricSums Add(MetricSums a, MetricSums b) => a + b;

    /// <summary>Whether two sums are the same.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static bool operator ==(MetricSums a, MetricSums b) => a.Equals(b);

    /// <summary>Whether two sums differ.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    public static bool operator !=(MetricSums a, MetricSums b) => !a.Equals(b);

    /// <summary>The sums as numbers: samples, those not finite, loss, then the task's; nothing if all are 0.</summary>
    public Int128[] ToNumbers() => this == Zero ? [] : [Samples, _notFinite, LossFixed, .. _others ?? []];

    /// <summary>The sums of numbers as <see cref="ToNumbers"/> gives them.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <exception cref="FormatException">They are no such numbers.</exception>
    public static MetricSums OfNumbers(ReadOnlySpan<Int128> numbers) => numbers switch
    {
        [] => Zero,
        [var samples, var notFinite, var loss, .. var others] when samples >= 0 && samples <= long.MaxValue
            && notFinite >= 0 && notFinite <= samples =>
            new((long)samples, (long)notFinite, loss, others),
        _ => throw new FormatException($"{numbers.Length} numbers are no sums of a metric."),
    };

    /// <inheritdoc/>
    public bool Equals(MetricSums other)
    {
        for (var i = Math.Max(Count, other.Count) - 1; i >= 0; i--)
            if (this[i] != other[i]) return false;
        return Samples == other.Samples && _notFinite == other._notFinite && LossFixed == other.LossFixed;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MetricSums other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Samples, _notFinite, LossFixed);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Samples} samples, {NotFinite} not finite, loss {LossFixed}: {string.Join(", ", _others ?? [])}";

    private bool IsSaturated
    {
        get
        {
            if (IsBound(LossFixed)) return true;
            for (var i = 0; i < Count; i++)
                if (IsBound(this[i])) return true;
            return false;
        }
    }

    private static bool IsBound(Int128 sum) => sum == Int128.MaxValue || sum == Int128.MinValue;

    /// <summary>a + b, or the bound that it goes beyond; what is at a bound stays there.</summary>
    private static Int128 Sum(Int128 a, Int128 b)
    {
        if (IsBound(a)) return a;
        if (IsBound(b)) return b;
        var sum = unchecked(a + b);
        return a >= 0 && b >= 0 && sum < 0 ? Int128.MaxValue : a < 0 && b < 0 && sum >= 0 ? Int128.MinValue : sum;
    }
}
