namespace Orleans.FL.Learning.Training.Lanes;

/// <summary>
/// Counts how long lanes work, for which run, on what. Not safe for several threads: the lanes' gate guards it.
/// </summary>
/// <remarks>
/// Work under way counts up to the moment of asking, so that a count never goes back and no time is in two of them.
/// </remarks>
/// <param name="lanes">Number of lanes.</param>
/// <param name="time">The clock.</param>
internal sealed class LaneAccount(int lanes, TimeProvider time)
{
    private static readonly int Kinds = Enum.GetValues<LaneWork>().Length;

    private readonly long _start = time.GetTimestamp();
    private readonly (string Run, LaneWork Work, long Since)?[] _under = new (string, LaneWork, long)?[lanes];
    private readonly Dictionary<string, TimeSpan[]> _runs = [];
    private readonly TimeSpan[] _all = new TimeSpan[Kinds];

    /// <summary>Whether no lane works, and nothing is counted of any run.</summary>
    public bool IsEmpty => _runs.Count == 0 && Array.TrueForAll(_under, u => u is null);

    /// <summary>A lane begins with a job.</summary>
    public void Begin(int lane, string run, LaneWork work) => _under[lane] = (run, work, time.GetTimestamp());

    /// <summary>A lane is done with its job, if it had one.</summary>
    public void End(int lane)
    {
        if (_under[lane] is not { } job) return;
        _under[lane] = null;
        var spent = time.GetElapsedTime(job.Since);
        if (!_runs.TryGetValue(job.Run, out var sums)) _runs[job.Run] = sums = new TimeSpan[Kinds];
        sums[(int)job.Work] += spent;
        _all[(int)job.Work] += spent;
    }

    /// <summary>What the lanes did for a run.</summary>
    public LaneTimes Of(string run)
    {
        var now = time.GetTimestamp();
        var mine = _runs.TryGetValue(run, out var sums) ? [.. sums] : new TimeSpan[Kinds];
        var all = Total(now).Aggregate(TimeSpan.Zero, (sum, kind) => sum + kind);
        foreach (var job in _under)
            if (job is { } under && under.Run == run) mine[(int)under.Work] += time.GetElapsedTime(under.Since, now);
        var (train, combine, evaluate) = (mine[(int)LaneWork.Train], mine[(int)LaneWork.Combine],
            mine[(int)LaneWork.Evaluate]);
        return new LaneTimes(time.GetElapsedTime(_start, now), train, combine, evaluate,
            all - train - combine - evaluate);
    }

    /// <summary>How long lanes did work of a kind, for whatever run.</summary>
    public TimeSpan Of(LaneWork work) => Total(time.GetTimestamp())[(int)work];

    /// <summary>Lets go of a run's counts; what was done for it is other work from then on.</summary>
    public void Forget(string run) => _runs.Remove(run);

    private TimeSpan[] Total(long now)
    {
        TimeSpan[] total = [.. _all];
        foreach (var job in _under)
            if (job is { } under) total[(int)under.Work] += time.GetElapsedTime(under.Since, now);
        return total;
    }
}
