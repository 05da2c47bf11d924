using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Codecs;

namespace Orleans.FL.Grains.Exchange.Blocks;

/// <summary>Where the updates of a row are.</summary>
/// <param name="Exchange">Address of an update of the exchange, whichever node's.</param>
/// <param name="Nodes">Ranks of the senders, ascending.</param>
/// <param name="Format">What each update is.</param>
/// <param name="SiloOf">Name of the silo where a node sits.</param>
/// <param name="Here">Name of this silo.</param>
public sealed record RowSource(
    UpdateAddress Exchange, int[] Nodes, UpdateFormat Format, Func<int, string> SiloOf, string Here);
