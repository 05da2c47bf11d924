using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Lanes;

/// <summary>
/// Jobs of several runs: the runs take turns, each in the order of its own jobs, trainings last. Not thread-safe.
/// </summary>
/// <remarks>
/// Where nodes go by the clock, trainings are always waiting, and the rounds that are made meanwhile must not wait for
/// them. A run without a waiting job takes no memory.
/// </remarks>
internal sealed class FairQueue
{
    private readonly Dictionary<string, LinkedListNode<Waiting>> _runs = [];
    private readonly LinkedList<Waiting> _turns = new(); // none is empty

    /// <summary>Number of waiting jobs.</summary>
    public int Count { get; private set; }

    /// <summary>Puts a job at the end of its run's queue.</summary>
    public void Add(LaneJob job)
    {
        if (!_runs.TryGetValue(job.Run, out var turn)) _runs[job.Run] = turn = _turns.AddLast(new Waiting());
        job.Place = (job.Work == LaneWork.Train ? turn.Value.Trainings : turn.Value.Others).AddLast(job);
        Count++;
    }

    /// <summary>Takes the next job that a lane can do; null if there is none.</summary>
    /// <param name="serves">Whether the lane is of a device.</param>
    public LaneJob? Take(Func<string, bool> serves)
    {
        for (var turn = _turns.First; turn is not null; turn = turn.Next)
        {
            if ((First(turn.Value.Others) ?? First(turn.Value.Trainings)) is not { } job) continue;
            _turns.Remove(turn);
            _turns.AddLast(turn);
            Remove(job);
            return job;
        }
        return null;

        LaneJob? First(LinkedList<LaneJob> jobs) =>
            jobs.FirstOrDefault(j => j.Device is not { } device || serves(device));
    }

    /// <summary>Takes the next trainings of one run that may be done beside others.</summary>
    /// <param name="run">Id of the run.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="device">The lane's device.</param>
    public IReadOnlyList<LaneJob> TakeBeside(string run, int count, LaneDevice device)
    {
        if (count <= 0 || !_runs.TryGetValue(run, out var turn)) return [];
        var jobs = turn.Value.Trainings.Where(j => (j.Device is not { } pinned || pinned == device.Name)
            && j.AtOnce?.Invoke(device) > 1).Take(count).ToList();
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
        if (_runs.TryGetValue(job.Run, out var turn) && turn.Value.Count == 0)
        {
            _runs.Remove(job.Run);
            _turns.Remove(turn);
        }
        return true;
    }

    /// <summary>Waiting jobs of one run.</summary>
    private sealed class Waiting
    {
        public LinkedList<LaneJob> Others { get; } = new();

        public LinkedList<LaneJob> Trainings { get; } = new();

        public int Count => Others.Count + Trainings.Count;
    }
}
