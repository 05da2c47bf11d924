using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Calls;

namespace Orleans.FL.Grains.Nodes;

/// <summary>
/// Orders for many nodes of the silo: one call of the coordinator a phase, however many nodes there are.
/// </summary>
internal sealed partial class SiloGrain
{
    private readonly Dictionary<string, (string Order, NodeBatch<Seat> Batch)> _seating = []; // by run
    private readonly Dictionary<string, (string Order, NodeBatch<PhaseReport> Batch)> _steps = [];
    private readonly Dictionary<string, Dictionary<int, INodeGrain>> _nodes = []; // by run and rank
    private readonly LongCall _calls = new(time, e => e is TimeoutException, e => AskedAgain(log, e.Message));

    public Task<BatchAnswer<Seat>> Seat(SeatsOrder order, CancellationToken cancellation)
    {
        if (order.Joins.Length == 0) return Task.FromResult(new BatchAnswer<Seat>([], [], []));
        var batch = BatchOf(_seating, order.Run, $"{order.Joins[0].Epoch} {order.Rounds}");
        return batch.Answer([.. order.Joins.Select(j => j.Seat.Rank)], (i, stop) =>
            Again(order.Run, order.Joins[i].Seat.Rank, node => node.Join(order.Joins[i], stop), stop), cancellation);
    }

    public Task<BatchAnswer<PhaseReport>> Take(BatchOrder order, CancellationToken cancellation)
    {
        contexts.Of(order.Run, order.Epoch);
        if (order.From.Length != order.Nodes.Length)
            throw new ArgumentException("An order names one version a node.", nameof(order));
        var batch = BatchOf(_steps, order.Run,
            $"{order.Epoch} {order.Step} {order.Round} {order.Exchange} {string.Join(' ', order.Absent)}");
        return batch.Answer(order.Nodes, (i, stop) => Take(order, i, stop), cancellation);
    }

    private Task<PhaseReport> Take(BatchOrder order, int index, CancellationToken stop)
    {
        var step = new StepOrder(order.Epoch, order.Round, order.From[index]);
        return Again(order.Run, order.Nodes[index], node => order.Step switch
        {
            NodeStep.Train => node.Train(step, stop),
            NodeStep.Combine => node.Combine(step, order.Exchange, order.Absent, stop),
            NodeStep.Evaluate => node.Evaluate(step, stop),
            NodeStep.CatchUp => node.CatchUp(step, stop),
            _ => throw new ArgumentOutOfRangeException(nameof(order), $"There is no step {order.Step}."),
        }, stop);
    }

    /// <summary>
    /// Asks a node again while it is still at work, and when an answer is lost: a repeated order is recognised.
    /// </summary>
    private Task<T> Again<T>(string run, int rank, Func<INodeGrain, Task<T>> call, CancellationToken stop)
    {
        var node = Node(run, rank);
        return _calls.Ask(() => call(node), answer => answer is PhaseReport { Pending: true }, stop);
    }

    /// <summary>The batch of an order; another order of the run ends the one before.</summary>
    private NodeBatch<T> BatchOf<T>(
        Dictionary<string, (string Order, NodeBatch<T> Batch)> batches, string run, string order)
    {
        if (batches.TryGetValue(run, out var known))
        {
            if (known.Order == order) return known.Batch;
            known.Batch.Dispose();
        }
        return (batches[run] = (order, new NodeBatch<T>(time))).Batch;
    }

    /// <summary>A node; to make a reference costs a tenth of a call.</summary>
    private INodeGrain Node(string run, int rank)
    {
        if (!_nodes.TryGetValue(run, out var nodes)) _nodes[run] = nodes = [];
        if (!nodes.TryGetValue(rank, out var node))
            nodes[rank] = node =
                GrainFactory.GetGrain<INodeGrain>(INodeGrain.KeyOf(run, rank, options.Value.SiloName));
        return node;
    }

    [LoggerMessage(1, LogLevel.Warning, "A node is asked again: {Reason}")]
    private static partial void AskedAgain(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Node {Node} of run {Run} could not be made idle.")]
    private static partial void NotMadeIdle(ILogger logger, Exception e, string run, int node);
}
