namespace Orleans.FL.Grains.Interfaces;

/// <summary>Names something that a node published: the one key of shelves, pulls and requests.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">Epoch that it was published in; a reader gets that of no other epoch.</param>
/// <param name="Node">Rank of the node.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Round">Round of the exchange, from 0; rounds done for <see cref="UpdateKind.ModelAfter"/>; null for the
/// best model.</param>
/// <param name="Exchange">Exchange of the round, from 0; null for models.</param>
/// <param name="Receiver">Rank of the only node that it is for; null if it is for all.</param>
/// <param name="Message">Place of a message among those of both parties of a split session, from 0; null for an
/// update.</param>
[GenerateSerializer, Immutable, Alias("fl.update-address")]
public readonly record struct UpdateAddress([property: Id(0)] string Run, [property: Id(1)] long Epoch,
    [property: Id(2)] int Node, [property: Id(3)] UpdateKind Kind, [property: Id(4)] int? Round,
    [property: Id(5)] int? Exchange, [property: Id(6)] int? Receiver = null, [property: Id(7)] int? Message = null)
{
    /// <summary>What a node sends in an exchange.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="epoch">Epoch of the run.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Exchange of the round, from 0.</param>
    public static UpdateAddress InExchange(string run, long epoch, int node, int round, int exchange) =>
        new(run, epoch, node, UpdateKind.InExchange, round, exchange);

    /// <summary>
    /// A node's model after some rounds; where it took no part in the last ones, that of the last round that it
    /// took part in.
    /// </summary>
    /// <param name="run">Run id.</param>
    /// <param name="epoch">Epoch of the run.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="rounds">Rounds done.</param>
    public static UpdateAddress ModelAfter(string run, long epoch, int node, int rounds) =>
        new(run, epoch, node, UpdateKind.ModelAfter, rounds, null);

    /// <summary>A node's best model so far.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="epoch">Epoch of the run.</param>
    /// <param name="node">Rank of the node.</param>
    public static UpdateAddress BestModel(string run, long epoch, int node) =>
        new(run, epoch, node, UpdateKind.BestModel, null, null);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        UpdateKind.InExchange => $"round {Round}, exchange {Exchange}, epoch {Epoch}"
            + (Receiver is { } receiver ? $", for node {receiver}" : "")
            + (Message is { } message ? $", message {message}" : ""),
        UpdateKind.ModelAfter => $"its model after {Round} rounds, epoch {Epoch}",
        _ => $"its best model, epoch {Epoch}",
    };
}

/// <summary>What a node publishes.</summary>
[GenerateSerializer]
public enum UpdateKind
{
    /// <summary>An update, or a message of a split session: what an exchange is made of.</summary>
    InExchange,

    /// <summary>
    /// The model after a number of rounds, for the record and for new members; never rounded by a codec.
    /// </summary>
    ModelAfter,

    /// <summary>The best model that the node was instructed to keep.</summary>
    BestModel,
}
