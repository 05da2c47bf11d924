using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Filters;

/// <summary>Changes an update before it is sent: clips, adds noise, sparsifies.</summary>
/// <remarks>
/// Stateless. Applies to the weights or changes that nodes send of their training, not to auxiliary vectors, nor
/// to what a server broadcasts. In gossip it applies to a node's own update in its row, too, so that all receivers
/// mix the same.
/// </remarks>
public abstract class UpdateFilter
{
    /// <summary>Filters one vector. The same for the same arguments, however often it is called.</summary>
    /// <param name="vector">What the node is about to send.</param>
    /// <param name="context">Whose it is, of which round, and what it was at the round's start.</param>
    /// <returns>A vector of the same length: a new one, the very vector, or
    /// <see cref="UpdateContext.Start"/>.</returns>
    public abstract ParameterVector Apply(ParameterVector vector, UpdateContext context);
}
