using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Runs;
using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Grains;

/// <summary>Calls of a phase: one to each silo for all of its nodes, and again while some are still at it.</summary>
internal sealed partial class ExperimentGrain
{
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromMilliseconds(100);

    /// <summary>Nodes by the silo that they sit on.</summary>
    private int[][] BySilo(int[] nodes) => [.. nodes.GroupBy(n => _seats[n]).Select(silo => silo.ToArray())];

    /// <summary>Calls each silo once, for itself.</summary>
    private Task<(Dictionary<int, T> Answers, SortedDictionary<int, string> Missing)> AllSilos<T>(
        string phase, string[] names, Patience patience, Func<int, Task<T>> call, CancellationToken stop) => All(
        phase, [.. Enumerable.Range(0, names.Length).Select(i => new[] { i })], patience, async (silo, _) => new BatchAnswer<T>(silo, [await call(silo[0])], []), true, stop);

    /// <summary>Calls for groups of nodes at the same time and waits for all nodes, the deadline, the loss of seats, or the end of the run.</summary>
    /// <exception cref="SeatsLostException">A node or a silo with nodes is lost.</exception>
    private async Task<(Dictionary<int, T> Answers, SortedDictionary<int, string> Missing)> All<T>(
        string phase, int[][] groups, Patience patience, Func<int[], CancellationToken, Task<BatchAnswer<T>>> call, bool abandonable, CancellationToken stop)
    {
        using var limit = patience.Limit is { } longest ? new CancellationTokenSource(longest, time) : new CancellationTokenSource();
        using var called = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var loss = _loss;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(called.Token, loss.Token);
        // Who trains while another silo is lost goes on: the same training is wanted again in a moment.
        var token = abandonable ? both.Token : called.Token;
        var began = time.GetTimestamp();
        var nodes = groups.Sum(g => g.Length);
        var answers = new Dictionary<int, T>(nodes);
        var missing = new SortedDictionary<int, string>();
        var shown = long.MinValue;
        var deadline = patience.Limit ?? TimeSpan.Zero;
        var medianKnown = false;
        await Task.WhenAll(groups.Select(async group =>
        {
            var left = group;
            try
            {
                while (left.Length > 0)
                {
                    var ordered = left;
                    var answer = await Again(() => call(ordered, token), both.Token).WaitAsync(both.Token);
                    foreach (var (node, done) in answer.Nodes.Zip(answer.Answers)) answers[node] = done;
                    foreach (var failure in answer.Failures)
                    {
                        if (failure.Lost) Lose(loss, failure.Reason);
                        else missing[failure.Node] = failure.Reason;
                    }
                    left = [.. left.Where(n => !answers.ContainsKey(n) && !missing.ContainsKey(n))];
                    Progress();
                    Median();
                    both.Token.ThrowIfCancellationRequested();
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested || loss.IsCancellationRequested) { }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                foreach (var node in left) missing[node] = $"It missed the deadline of {deadline.TotalSeconds:0.###} s ({phase}).";
            }
            catch (Exception e) when (Failures.IsLoss(e))
            {
                Lose(loss, Failures.Sentence(e));
            }
            catch (Exception e)
            {
                foreach (var node in left) missing[node] = Failures.Sentence(e);
            }
        }));
        stop.ThrowIfCancellationRequested();
        if (loss.IsCancellationRequested) throw new SeatsLostException(_lossReason);
        return (answers, missing);

        void Median()
        {
            if (medianKnown || answers.Count < (nodes + 1) / 2 || patience.AfterMedian(time.GetElapsedTime(began)) is not { } median) return;
            (medianKnown, deadline) = (true, median);
            limit.CancelAfter(Left(median - time.GetElapsedTime(began)));
        }

        void Progress()
        {
            if (shown != long.MinValue && time.GetElapsedTime(shown) < BetweenProgress) return;
            shown = time.GetTimestamp();
            _progress = new ProgressEvent(_done + 1, phase, answers.Count, nodes) { Sequence = _events.Count, Time = time.GetUtcNow() };
            Signal();
        }
    }

    /// <summary>Calls again when an answer does not come: it may be lost, and a repeated order is recognised.</summary>
    /// <remarks>A silo that is gone is not asked for ever: its loss gives the phase up.</remarks>
    private async Task<T> Again<T>(Func<Task<T>> call, CancellationToken over)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (TimeoutException e) when (!over.IsCancellationRequested)
            {
                Log.AskedAgain(log, Run, e.Message);
            }
        }
    }

    private static TimeSpan Left(TimeSpan left) => left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>How long a phase waits for its nodes.</summary>
    /// <param name="Limit">At most so long; null for ever.</param>
    /// <param name="Medians">At most so many times the time in which half of them were done; 0 for no such limit.</param>
    private readonly record struct Patience(TimeSpan? Limit, double Medians)
    {
        public static Patience Endless => default;

        /// <summary>The deadline when half of the nodes are done after some time; null if that changes nothing.</summary>
        public TimeSpan? AfterMedian(TimeSpan median)
        {
            if (Medians == 0) return null;
            var deadline = median * Medians;
            return Limit is { } limit && limit < deadline ? null : deadline;
        }

        public static Patience Of(double seconds) => new(TimeSpan.FromSeconds(seconds), 0);

        public static Patience Of(SeatingSettings seating) => seating.Absence == SeatingSettings.Wait
            ? Endless
            : new(TimeSpan.FromSeconds(seating.RoundDeadlineSeconds), seating.DeadlineMedians);
    }
}
