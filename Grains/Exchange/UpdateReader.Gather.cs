using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Receives many nodes: each silo's nodes as one sum, where means are all that is wanted.</summary>
public sealed partial class UpdateReader
{
    /// <summary>Receives the nodes of a row.</summary>
    /// <remarks>
    /// A node of this silo is summed where it is, two and more of another silo come as one sum that they made there, a single
    /// one comes as it is. The means have the bits that the updates one by one would give.
    /// </remarks>
    /// <param name="order">Whom to hear.</param>
    /// <param name="siloOf">Name of the silo where a node sits.</param>
    /// <param name="mySilo">Name of this silo.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What was received; the bytes that the other nodes told, as if each update had travelled; the bytes that crossed from other silos.</returns>
    /// <exception cref="InvalidDataException">What came is not what was published, or not what was asked for.</exception>
    /// <exception cref="InvalidOperationException">A node has published no such thing.</exception>
    /// <exception cref="NotSummableException">What a node told has diverged.</exception>
    public async Task<(ReceivedUpdates ReceivedUpdate, long SentBytes, long WireBytes)> Gather(
        GatherOrder order, Func<int, string> siloOf, string mySilo, CancellationToken cancellation)
    {
        if (!order.AggregatesBySums || (order.Row.Count <= 1 && order.Summing.Count == 0)) return await OneByOne(order, cancellation);
        var sent = order.Row.Count(r => r.Node != order.Me) * order.Shape.Bytes;
        if (order.Row.All(r => siloOf(r.Node) == mySilo) && Running(order, order.Row) is { } all && all.Nodes.Count == order.Row.Count)
            return (all.ReceivedUpdate(order.Shape), sent, 0);
        var wire = 0L;
        for (var again = false; ; again = true)
        {
            var merge = new Merge(this, order, [.. order.Shape.AuxiliaryVectors.OrderBy(e => e.Name, StringComparer.Ordinal)]);
            var contradiction = await merge.Run(siloOf, mySilo, cancellation);
            wire += merge.WireBytes;
            if (contradiction is null) return (merge.ReceivedUpdate(), sent, wire);
            if (again) throw new InvalidDataException(contradiction);
        }
    }

    private async Task<(ReceivedUpdates, long, long)> OneByOne(GatherOrder order, CancellationToken cancellation)
    {
        long sent = 0, wire = 0;
        var received = await Task.WhenAll(order.Row.Select(async peer =>
        {
            if (peer.Node == order.Me && order.Own is { } own) return new ReceivedUpdate(peer.Node, peer.Weight, own);
            var (update, bytes) = await Get(order.Run, order.Epoch, peer.Node, order.Round, order.Exchange, order.Shape, cancellation);
            RequireShape(peer.Node, update, order.Shape);
            if (peer.Node != order.Me) Interlocked.Add(ref sent, update.Bytes);
            Interlocked.Add(ref wire, bytes);
            return new ReceivedUpdate(peer.Node, peer.Weight, update);
        }));
        return (ReceivedUpdates.Of(received), sent, wire);
    }

    private static Update RequireShape(int node, Update update, UpdateShape shape) =>
        shape.Refusal(update) is { } refusal ? throw new InvalidDataException($"Node {node} tells {refusal}.") : update;

    /// <summary>One exact sum a vector of the updates, into which everything goes as it comes; memory for one sum, not for each node.</summary>
    private sealed class Merge(UpdateReader reader, GatherOrder order, AuxiliaryVector[] auxiliary)
    {
        private readonly ExactSum[] _sums = [new(order.Shape.Weights), .. auxiliary.Select(e => new ExactSum(e.Length))];
        private readonly SemaphoreSlim[] _free = [.. Enumerable.Range(0, 1 + auxiliary.Length).Select(_ => new SemaphoreSlim(1))];
        private long _wireBytes;
        private string? _contradiction;

        public long WireBytes => _wireBytes;

        public ReceivedUpdates ReceivedUpdate() => ReceivedUpdates.Merged(_sums[0], auxiliary.Select((name, i) => (name, i)).ToDictionary(e => e.name.Name, e => _sums[e.i + 1]));

        /// <summary>Merges all; gives what a silo's hash contradicts, if it does.</summary>
        public async Task<string?> Run(Func<int, string> siloOf, string mySilo, CancellationToken cancellation)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var work = new List<Task>();
            foreach (var silo in order.Row.GroupBy(r => r.Node == order.Me ? mySilo : siloOf(r.Node), StringComparer.Ordinal))
            {
                var nodes = silo.ToArray();
                if (silo.Key == mySilo) work.Add(Task.Run(() => Here(nodes, over.Token), over.Token));
                else if (nodes.Length == 1 && !order.Summing.ContainsKey(silo.Key)) work.Add(Task.Run(() => Single(nodes[0], over.Token), over.Token));
                else
                    for (var part = 0; part < _sums.Length; part++)
                    {
                        var wanted = new SumRequest(order.Run, order.Epoch, order.Round, order.Exchange, [.. nodes.Select(n => n.Node)],
                            [.. nodes.Select(n => n.Weight)], part, 0, _sums[part].Length);
                        work.Add(Task.Run(() => Partial(silo.Key, wanted, over.Token), over.Token));
                    }
            }
            // The first failure ends the rest: nobody waits for what nobody can use.
            await foreach (var done in Task.WhenEach(work))
                if (!done.IsCompletedSuccessfully) await over.CancelAsync();
            await Task.WhenAll(work.OrderBy(t => t.IsCanceled)); // throws what failed, not what was cancelled for it
            return _contradiction;
        }

        private async Task Here((int Node, double Weight)[] nodes, CancellationToken cancellation)
        {
            var terms = new List<(Update Update, double Weight)>();
            var running = reader.Running(order, nodes);
            if (running is not null) await Merged(running, cancellation);
            foreach (var (node, weight) in nodes.Where(n => running?.Nodes.Contains(n.Node) != true))
                terms.Add((node == order.Me && order.Own is { } own ? own : await Get(node, cancellation), weight));
            await Add(terms, cancellation);
        }

        private async Task Merged(TakenSums taken, CancellationToken cancellation)
        {
            for (var part = 0; part < _sums.Length; part++)
            {
                await _free[part].WaitAsync(cancellation);
                try
                {
                    _sums[part].Merge(taken.PartOf(part, _sums[part].Length));
                }
                finally
                {
                    _free[part].Release();
                }
            }
        }

        private async Task Single((int Node, double Weight) peer, CancellationToken cancellation) =>
            await Add([(await Get(peer.Node, cancellation), peer.Weight)], cancellation);

        private async Task<Update> Get(int node, CancellationToken cancellation)
        {
            var (update, bytes) = await reader.Get(order.Run, order.Epoch, node, order.Round, order.Exchange, order.Shape, cancellation);
            Interlocked.Add(ref _wireBytes, bytes);
            return RequireShape(node, update, order.Shape);
        }

        private async Task Add(List<(Update Update, double Weight)> terms, CancellationToken cancellation)
        {
            for (var part = 0; part < _sums.Length; part++)
            {
                await _free[part].WaitAsync(cancellation);
                try
                {
                    _sums[part].Add([.. terms.Select(t => (part == 0 ? t.Update.Weights : t.Update.AuxiliaryVectors[auxiliary[part - 1].Name], t.Weight))]);
                }
                finally
                {
                    _free[part].Release();
                }
            }
        }

        private async Task Partial(string silo, SumRequest wanted, CancellationToken cancellation)
        {
            var decoder = new ExactSumDecoder(_sums[wanted.Part]);
            try
            {
                var pulled = await reader.NewPull().Run($"Silo {silo}", offset => reader.Ask(silo, wanted with { Offset = offset }), first =>
                {
                    if (first.TotalBytes > ExactSumCodec.MaxBytes(wanted.Length) || first.Parts is not [_, .. var sent] || !sent.SequenceEqual(auxiliary.Select(e => e.Name)))
                        throw new InvalidDataException($"It offers {first.TotalBytes} bytes of {string.Join(", ", first.Parts)}.");
                }, async (chunk, _) =>
                {
                    await _free[wanted.Part].WaitAsync(cancellation);
                    try
                    {
                        decoder.Add(chunk.Bytes);
                    }
                    finally
                    {
                        _free[wanted.Part].Release();
                    }
                }, cancellation);
                Interlocked.Add(ref _wireBytes, pulled.Bytes);
                decoder.Complete();
                if (!decoder.Weighs(wanted.Weights)) throw new InvalidDataException("It summed other nodes than it was asked for.");
                if (!pulled.Whole) _contradiction = Contradiction(silo, pulled);
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException($"The sum of nodes {string.Join(", ", wanted.Nodes)} from silo {silo} is refused: {e.Message}", e);
            }
        }

        private string Contradiction(string silo, PulledBytes pulled) => $"Silo {silo} told {Hex(pulled.Told)} as the hash of its sum in round "
            + $"{order.Round}, but what came has {Hex(pulled.Found)}, twice. Look at its memory and its network.";
    }

    /// <summary>What nodes of this silo gave into a running sum; null if they publish what they tell.</summary>
    private TakenSums? Running(GatherOrder order, IEnumerable<(int Node, double Weight)> nodes) =>
        order.Summing.Count == 0 ? null : running.Take(new SumStep(order.Run, order.Epoch, order.Round), nodes);

    private Task<WeightChunk> Ask(string silo, SumRequest request) => peers.ReadSum(silo, request);
}
