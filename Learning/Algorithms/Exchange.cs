namespace Orleans.FL.Learning.Algorithms;

/// <summary>One exchange of a round.</summary>
/// <param name="Index">Which one, from 0.</param>
/// <param name="Kind">Who receives from whom in it.</param>
public readonly record struct Exchange(int Index, ExchangeKind Kind);

/// <summary>Who receives from whom in an exchange, and how what is received is weighed.</summary>
public enum ExchangeKind
{
    /// <summary>Each node receives from itself and its neighbours, by the topology's mixing weights.</summary>
    Neighbours,

    /// <summary>Like <see cref="Neighbours"/>, each weight times the number of samples of the node that is
    /// received.</summary>
    NeighboursBySamples,

    /// <summary>The server receives from those that trained, by their number of samples.</summary>
    GatherBySamples,

    /// <summary>The server receives from those that trained, all alike.</summary>
    Gather,

    /// <summary>Each node receives from the server.</summary>
    Broadcast,

    /// <summary>The algorithm draws who receives from whom, with which weights; see
    /// <see cref="ISamplePeers"/>.</summary>
    SampledPeers,

    /// <summary>
    /// Like <see cref="Neighbours"/>, but what each node sends is shared out: the weights of one sender, over its
    /// receivers and itself, sum to one, and a receiver's row sums to what it gets (column-stochastic, for push-sum on
    /// directed graphs). Take weighted sums, not means.
    /// </summary>
    NeighboursByShares,

    /// <summary>
    /// Pairs of nodes, drawn as in <see cref="SampledPeers"/>: each receives from the other alone, see
    /// <see cref="ISplitAlgorithm"/>. They train and test within the exchange; nobody trains before it.
    /// </summary>
    SplitSession,
}
