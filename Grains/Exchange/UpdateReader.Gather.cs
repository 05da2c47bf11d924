using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Receives from many nodes: each silo's as one sum, where means are all that is wanted.</summary>
public sealed partial class UpdateReader
{
    /// <summary>Receives the updates of a row.</summary>
    /// <remarks>
    /// A node of this silo is summed where it is, two and more of another silo come as one sum that they made there, a
    /// single one comes as it is. The means have the bits that the updates one by one would give.
    /// </remarks>
    /// <param name="order">From which nodes to receive, and what.</param>
    /// <param name="siloOf">Name of the silo where a node sits.</param>
    /// <param name="mySilo">Name of this silo.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>
    /// What was received; the bytes that the other nodes sent, as if each update had travelled; the bytes that
    /// crossed from other silos.
    /// </returns>
    /// <exception cref="InvalidDataException">What came is not what was published, or not what was asked
    /// for.</exception>
    /// <exception cref="InvalidOperationException">A node has published no such thing.</exception>
    /// <exception cref="NotSummableException">What a node sent has diverged.</exception>
    public async Task<(ReceivedUpdates Received, long SentBytes, long WireBytes)> Gather(
        GatherOrder order, Func<int, string> siloOf, string mySilo, CancellationToken cancellation)
    {
        var routes = Routes.Of(order.Row, order.AggregatesBySums,
            order.Streaming, node => node == order.Me ? mySilo : siloOf(node), mySilo);
        if (!Routes.Sums(order.Row.Count, order.AggregatesBySums, order.Streaming))
            return await OneByOne(order, routes, cancellation);
        if (routes is [{ Route: Route.RunningSum } here] && Running(order, here.Nodes) is { } all
            && all.Nodes.Count == order.Row.Count)
            return (all.Received(order.Format.Shape), order.SentBytes, 0);
        var wire = 0L;
        for (var again = false; ; again = true)
        {
            var merge = new Merge(this, order,
                [.. order.Format.Shape.AuxiliaryVectors.OrderBy(e => e.Name, StringComparer.Ordinal)]);
            var contradiction = await merge.Run(routes, cancellation);
            wire += merge.WireBytes;
            if (contradiction is null) return (merge.Received(), order.SentBytes, wire);
            if (again) throw new InvalidDataException(contradiction);
        }
    }

    private async Task<(ReceivedUpdates, long, long)> OneByOne(
        GatherOrder order, IReadOnlyList<RoutedNodes> routes, CancellationToken cancellation)
    {
        var wire = 0L;
        var received = await Task.WhenAll(routes.Select(async routed =>
        {
            var peer = routed.Nodes[0];
            if (peer.Node == order.Me && order.Own is { } own) return new ReceivedUpdate(peer.Node, peer.Weight, own);
            var address = order.AddressOf(peer.Node);
            var (update, bytes) = routed.Route == Route.ByReference
                ? (published.Get(address), 0)
                : await Get(address, order.Format, cancellation);
            RequireShape(peer.Node, update, order.Format.Shape);
            Interlocked.Add(ref wire, bytes);
            return new ReceivedUpdate(peer.Node, peer.Weight, update);
        }));
        return (ReceivedUpdates.Of(received), order.SentBytes, wire);
    }

    private static Update RequireShape(int node, Update update, UpdateShape shape) =>
        shape.Refusal(update) is { } refusal ? throw new InvalidDataException($"Node {node} sends {refusal}.") : update;

    /// <summary>
    /// One exact sum a vector of the updates, into which everything goes as it comes; memory for one sum, not
    /// for each node.
    /// </summary>
    private sealed class Merge(UpdateReader reader, GatherOrder order, AuxiliaryVector[] auxiliary)
    {
        private readonly ExactSum[] _sums = [new(order.Format.Shape.Weights),
            .. auxiliary.Select(e => new ExactSum(e.Length))];
        private readonly SemaphoreSlim[] _free =
            [.. Enumerable.Range(0, 1 + auxiliary.Length).Select(_ => new SemaphoreSlim(1))];
        private long _wireBytes;
        private string? _contradiction;

        public long WireBytes => _wireBytes;

        public ReceivedUpdates Received() => ReceivedUpdates.Merged(
            _sums[0], auxiliary.Select((name, i) => (name, i)).ToDictionary(e => e.name.Name, e => _sums[e.i + 1]));

        /// <summary>Merges all; gives what a silo's hash contradicts, if it does.</summary>
        public async Task<string?> Run(IReadOnlyList<RoutedNodes> routes, CancellationToken cancellation)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var work = routes.SelectMany(group => group.Route switch
            {
                Route.PartialSum => Enumerable.Range(0, _sums.Length)
                    .Select(part => Task.Run(() => Partial(group.Silo, SumOf(group, part), over.Token), over.Token)),
                Route.InChunks => group.Nodes.Select(peer => Task.Run(() => Single(peer, over.Token), over.Token)),
                _ => [Task.Run(() => Here(group, over.Token), over.Token)],
            }).ToList();
            // The first failure ends the rest: nobody waits for what nobody can use.
            await foreach (var done in Task.WhenEach(work))
                if (!done.IsCompletedSuccessfully) await over.CancelAsync();
            await Task.WhenAll(work.OrderBy(t => t.IsCanceled)); // throws what failed, not what was cancelled for it
            return _contradiction;
        }

        private SumRequest SumOf(RoutedNodes group, int part) =>
            new(order.Run, order.Epoch, order.Round, order.Exchange, [.. group.Nodes.Select(n => n.Node)],
                [.. group.Nodes.Select(n => n.Weight)], part, 0, _sums[part].Length);

        private async Task Here(RoutedNodes group, CancellationToken cancellation)
        {
            var terms = new List<(Update Update, double Weight)>();
            var running = group.Route == Route.RunningSum ? reader.Running(order, group.Nodes) : null;
            if (running is not null) await Merged(running, cancellation);
            foreach (var (node, weight) in group.Nodes.Where(n => running?.Nodes.Contains(n.Node) != true))
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
            var (update, bytes) = await reader.Get(order.AddressOf(node), order.Format, cancellation);
            Interlocked.Add(ref _wireBytes, bytes);
            return RequireShape(node, update, order.Format.Shape);
        }

        private async Task Add(List<(Update Update, double Weight)> terms, CancellationToken cancellation)
        {
            for (var part = 0; part < _sums.Length; part++)
            {
                await _free[part].WaitAsync(cancellation);
                try
                {
                    _sums[part].Add([.. terms.Select(t => (part == 0
                        ? t.Update.Weights
                        : t.Update.AuxiliaryVectors[auxiliary[part - 1].Name], t.Weight))]);
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
                var pulled = await reader.NewPull()
                    .Run($"Silo {silo}", offset => reader.Ask(silo, wanted with { Offset = offset }), first =>
                    {
                        if (first.TotalBytes > ExactSumCodec.MaxBytes(wanted.Length)
                            || first.Parts is not [_, .. var sent]
                            || !sent.SequenceEqual(auxiliary.Select(e => e.Name)))
                            throw new InvalidDataException(
                                $"It offers {first.TotalBytes} bytes of {string.Join(", ", first.Parts)}.");
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
                if (!decoder.Weighs(wanted.Weights))
                    throw new InvalidDataException("It summed other nodes than it was asked for.");
                if (!pulled.Whole) _contradiction = Contradiction(silo, pulled);
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException(
                    $"The sum of nodes {string.Join(", ", wanted.Nodes)} from silo {silo} is refused: {e.Message}", e);
            }
        }

        private string Contradiction(string silo, PulledBytes pulled) =>
            $"Silo {silo} sent {Hex(pulled.Sent)} as the hash of its sum in round "
            + $"{order.Round}, but what came has {Hex(pulled.Found)}, twice. Look at its memory and its network.";
    }

    /// <summary>What nodes of this silo gave into a running sum; null if they publish what they send.</summary>
    private TakenSums? Running(GatherOrder order, IEnumerable<(int Node, double Weight)> nodes) =>
        running.Take(new SumStep(order.Run, order.Epoch, order.Round), nodes);

    private Task<WeightChunk> Ask(string silo, SumRequest request) => peers.ReadSum(silo, request);
}
