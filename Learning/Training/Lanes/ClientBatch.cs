using Orleans.FL.Learning.Training.Engines.Batched;

namespace Orleans.FL.Learning.Training.Lanes;

/// <summary>
/// Jobs that a lane does side by side: one at a time, each until it trains; then all of them train at once, and go on
/// one after another.
/// </summary>
/// <remarks>
/// A job's work is synchronous and may train in the middle, several times even. So each has a thread of its
/// own, to which the lane is handed; all but the one that has it stand still. What belongs to the lane needs no
/// locks therefore.
/// </remarks>
/// <param name="lane">The lane.</param>
/// <param name="train">Trains what waits, on the lane's own thread; an exception is that of each of them.</param>
internal sealed class ClientBatch(Lane lane, Action<IReadOnlyList<BatchedClient>> train) : IClientBatch, IDisposable
{
    private readonly List<Member> _members = [];
    private readonly List<(Member Member, BatchedClient BatchedClient)> _waiting = [];
    private Member? _current;

    /// <summary>Number of jobs under way.</summary>
    public int Size { get; private set; }

    /// <summary>Does jobs, on the lane's own thread.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="stop">Cancelled when the lanes close.</param>
    public void Run(IReadOnlyList<LaneJob> jobs, CancellationToken stop)
    {
        Size = jobs.Count;
        while (_members.Count < jobs.Count) _members.Add(new Member(lane.Index, _members.Count));
        foreach (var (i, job) in jobs.Index()) GoOn(_members[i], () => job.Execute(lane, stop));
        while (_waiting.Count > 0)
        {
            var ready = _waiting.ToList();
            _waiting.Clear();
            Train([.. ready.Select(w => w.BatchedClient)]);
            foreach (var (member, _) in ready) GoOn(member, null);
        }
        Size = 0;
    }

    /// <inheritdoc/>
    public void Await(BatchedClient client)
    {
        var member = _current ?? throw new InvalidOperationException("Nobody has the lane.");
        _waiting.Add((member, client));
        member.Pause();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var member in _members) member.Dispose();
    }

    private void Train(IReadOnlyList<BatchedClient> clients)
    {
        try
        {
            train(clients);
        }
#pragma warning disable CA1031 // Whatever goes wrong, such as a missing libtorch, belongs to the jobs' callers.
        catch (Exception e)
#pragma warning restore CA1031
        {
            foreach (var client in clients) client.Error ??= e;
        }
    }

    /// <summary>Hands the lane to a member until it waits or has ended.</summary>
    private void GoOn(Member member, Action? work)
    {
        _current = member;
        var mine = lane.Torch.HandTo(member.ThreadId);
        member.GoOn(work);
        lane.Torch.HandTo(mine);
        _current = null;
    }

    /// <summary>A thread that waits until it is asked to continue.</summary>
    private sealed class Member : IDisposable
    {
        private readonly SemaphoreSlim _go = new(0), _back = new(0);
        private readonly Thread _thread;
        private Action? _work;
        private bool _ended;

        public Member(int lane, int number)
        {
            _thread = new Thread(Work) { IsBackground = true, Name = $"training lane {lane}.{number}" };
            _thread.Start();
        }

        public int ThreadId => _thread.ManagedThreadId;

        /// <summary>Begins work, or goes on with it; returns when it waits or has ended.</summary>
        public void GoOn(Action? work)
        {
            if (work is not null) _work = work;
            _go.Release();
            _back.Wait();
        }

        /// <summary>Waits on the member's own thread.</summary>
        public void Pause()
        {
            _back.Release();
            _go.Wait();
        }

        public void Dispose()
        {
            _ended = true;
            _go.Release();
            _thread.Join();
            _go.Dispose();
            _back.Dispose();
        }

        private void Work()
        {
            while (true)
            {
                _go.Wait();
                if (_ended) return;
                _work?.Invoke();
                _work = null;
                _back.Release();
            }
        }
    }
}
