using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Phases;

/// <summary>One phase under way: who has answered, who is missing, until when the others are waited for.</summary>
/// <typeparam name="T">What one node answers.</typeparam>
/// <param name="phase">Name of the phase.</param>
/// <param name="calls">Asks for lost answers again.</param>
/// <param name="loss">Gives the phase up.</param>
/// <param name="allowed">How long it waits.</param>
/// <param name="progress">Is shown how many nodes are done.</param>
/// <param name="time">The clock.</param>
internal sealed class PhaseCall<T>(
    string phase, LongCall calls, Loss loss, PhaseDeadline allowed, IShowProgress progress, TimeProvider time)
{
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromMilliseconds(100);

    private readonly long _began = time.GetTimestamp();
    private readonly Dictionary<int, T> _answers = [];
    private readonly SortedDictionary<int, string> _missing = [];
    private TimeSpan _deadline = allowed.Limit ?? TimeSpan.Zero;
    private bool _medianKnown;
    private long? _shown;
    private int _nodes;

    /// <summary>Calls, once; <see cref="PhaseCalls"/> says what for.</summary>
    /// <exception cref="SeatsLostException">A node or a silo with nodes is lost.</exception>
    public async Task<PhaseAnswers<T>> Run(int[][] groups, Func<int[], CancellationToken, Task<BatchAnswer<T>>> call,
        bool abandonable, CancellationToken stop)
    {
        _nodes = groups.Sum(g => g.Length);
        using var limit = new CancellationTokenSource(allowed.Limit ?? Timeout.InfiniteTimeSpan, time);
        using var called = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(called.Token, loss.Token);
        // Nodes that train while another silo is lost go on: the same training is wanted again in a moment.
        var token = abandonable ? both.Token : called.Token;
        await Task.WhenAll(groups.Select(group => Ask(group, nodes => call(nodes, token), limit, both.Token, stop)));
        stop.ThrowIfCancellationRequested();
        loss.ThrowIfLost();
        return new PhaseAnswers<T>(_answers, _missing);
    }

    private async Task Ask(int[] group, Func<int[], Task<BatchAnswer<T>>> call, CancellationTokenSource limit,
        CancellationToken over, CancellationToken stop)
    {
        var left = group;
        try
        {
            while (left.Length > 0)
            {
                var ordered = left;
                Take(await calls.Ask(() => call(ordered), over).WaitAsync(over));
                left = [.. left.Where(n => !_answers.ContainsKey(n) && !_missing.ContainsKey(n))];
                Show();
                ShortenByMedian(limit);
                over.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested || loss.Token.IsCancellationRequested)
        {
            // The phase is given up.
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            foreach (var node in left)
                _missing[node] = $"It missed the deadline of {_deadline.TotalSeconds:0.###} s ({phase}).";
        }
        catch (Exception e) when (Failures.IsLoss(e))
        {
            loss.Set(Failures.Sentence(e));
        }
        catch (Exception e)
        {
            foreach (var node in left) _missing[node] = Failures.Sentence(e);
        }
    }

    private void Take(BatchAnswer<T> answer)
    {
        foreach (var (node, done) in answer.Nodes.Zip(answer.Answers)) _answers[node] = done;
        foreach (var failure in answer.Failures)
        {
            if (failure.Lost) loss.Set(failure.Reason);
            else _missing[failure.Node] = failure.Reason;
        }
    }

    private void ShortenByMedian(CancellationTokenSource limit)
    {
        var passed = time.GetElapsedTime(_began);
        if (_medianKnown || _answers.Count < (_nodes + 1) / 2 || allowed.AfterMedian(passed) is not { } median) return;
        (_medianKnown, _deadline) = (true, median);
        var left = median - passed;
        limit.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    private void Show()
    {
        if (_shown is { } shown && time.GetElapsedTime(shown) < BetweenProgress) return;
        _shown = time.GetTimestamp();
        progress.Show(phase, _answers.Count, _nodes);
    }
}
