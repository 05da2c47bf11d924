using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Nodes;

/// <summary>
/// One order for many nodes of a silo, under way: each node is called once, however often the order is given.
/// </summary>
/// <remarks>Belongs to the grain that makes it, and runs on its turns.</remarks>
/// <typeparam name="T">What one node answers.</typeparam>
/// <param name="time">The clock.</param>
internal sealed class NodeBatch<T>(TimeProvider time) : IDisposable
{
    // The caller sees how it goes on, and keeps its deadlines by it.
    private static readonly TimeSpan BetweenAnswers = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BetweenAnswersPerNode = TimeSpan.FromMicroseconds(100);

    private readonly Dictionary<int, Task<Outcome>> _calls = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>
    /// Calls the nodes that were not called yet, and waits until all have answered, or a while if some have.
    /// </summary>
    /// <param name="nodes">Ranks.</param>
    /// <param name="call">Calls the node at an index of <paramref name="nodes"/>.</param>
    /// <param name="cancellation">Gives the calls up, those of orders before included.</param>
    public async Task<BatchAnswer<T>> Answer(
        int[] nodes, Func<int, CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        for (var i = 0; i < nodes.Length; i++)
            if (!_calls.ContainsKey(nodes[i])) _calls[nodes[i]] = OutcomeOf(nodes[i], call(i, _stop.Token));
        using var givenUp = cancellation.UnsafeRegister(
            static stop => ((CancellationTokenSource)stop!).Cancel(), _stop);
        var calls = Array.ConvertAll(nodes, node => _calls[node]);
        await Settle(calls);
        var outcomes = calls.Where(c => c.IsCompleted).Select(c => c.Result).ToList();
        var done = outcomes.Where(o => o.Failure is null).ToList();
        return new BatchAnswer<T>([.. done.Select(o => o.Node)], [.. done.Select(o => o.Answer!)],
            [.. outcomes.Where(o => o.Failure is not null).Select(o => o.Failure!)]);
    }

    /// <summary>Gives up what is still under way.</summary>
    public void Dispose() => _stop.Cancel(); // not disposed of: calls may still look at it

    private async Task Settle(Task<Outcome>[] calls)
    {
        var (all, began) = (Task.WhenAll(calls), time.GetTimestamp());
        var between = BetweenAnswers + calls.Length * BetweenAnswersPerNode;
        while (!all.IsCompleted)
        {
            await all.EndsWithin(between, time);
            if (time.GetElapsedTime(began) >= CallLimit.AnswersWithin || calls.Any(c => c.IsCompleted)) return;
        }
    }

    private static async Task<Outcome> OutcomeOf(int node, Task<T> call)
    {
        try
        {
            return new(node, await call, null);
        }
        catch (Exception e)
        {
            return new(node, default, new NodeFailure(node, Failures.Sentence(e), Failures.IsLoss(e)));
        }
    }

    private sealed record Outcome(int Node, T? Answer, NodeFailure? Failure);
}
