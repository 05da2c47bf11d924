namespace Orleans.FL.Learning.Training;

/// <summary>Jobs of several runs: the runs take turns, each in the order of its own jobs. Not thread-safe.</summary>
/// <remarks>A run without a waiting job takes no memory.</remarks>
internal sealed class FairQueue
{
    private readonly Dictionary<string, LinkedListNode<LinkedList<LaneJob>>> _runs = [];
    private readonly LinkedList<LinkedList<LaneJob>> _turns = new(); // no list is empty

    /// <summary>Number of waiting jobs.</summary>
    public int Count { get; private set; }

    /// <summary>Puts a job at the end of its run's queue.</summary>
    public void Add(LaneJob job)
    {
        if (!_runs.TryGetValue(job.Run, out var turn)) _runs[job.Run] = turn = _turns.AddLast(new LinkedList<LaneJob>());
        job.Place = turn.Value.AddLast(job);
        Count++;
    }

    /// <summary>Takes the next job that a lane can do; null if there is none.</summary>
    /// <param name="serves">Whether the lane is of a device.</param>
    public LaneJob? Take(Func<string, bool> serves)
    {
        for (var turn = _turns.First; turn is not null; turn = turn.Next)
        {
            if (turn.Value.FirstOrDefault(j => j.Device is not { } device || serves(device)) is not { } job) continue;
            _turns.Remove(turn);
            _turns.AddLast(turn);
            Remove(job);
            return job;
        }
        return null;
    }

    /// <summary>Takes the next jobs of one run that may be done beside others.</summary>
    /// <param name="run">Id of the run.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="device">The lane's device.</param>
    public IReadOnlyList<LaneJob> TakeBeside(string run, int count, LaneDevice device)
    {
        if (count <= 0 || !_runs.TryGetValue(run, out var turn)) return [];
        var jobs = turn.Value.Where(j => (j.Device is not { } pinned || pinned == device.Name) && j.AtOnce?.Invoke(device) > 1).Take(count).ToList();
        foreach (var job in jobs) Remove(job);
        return jobs;
    }

    /// <summary>Waiting jobs of a run.</summary>
    /// <param name="run">Id of the run.</param>
    public int CountOf(string run) => _runs.TryGetValue(run, out var turn) ? turn.Value.Count : 0;

    /// <summary>Takes a job out; false if it is in no queue any more.</summary>
    public bool Remove(LaneJob job)
    {
        if (job.Place is not { List: { } list } place) return false;
        list.Remove(place);
        job.Place = null;
        Count--;
        if (list.Count == 0 && _runs.Remove(job.Run, out var turn)) _turns.Remove(turn);
        return true;
    }
}
