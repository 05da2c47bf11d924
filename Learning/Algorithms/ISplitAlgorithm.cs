namespace Orleans.FL.Learning.Algorithms;

/// <summary>An algorithm whose nodes train in pairs, each with a part of the model, in exchanges of kind
/// <see cref="ExchangeKind.SplitSession"/>.</summary>
public interface ISplitAlgorithm : ISamplePeers
{
    /// <summary>A node's side of a split session.</summary>
    /// <param name="me">The node, whose state it begins with and does not change.</param>
    /// <param name="exchange">Which exchange.</param>
    /// <param name="other">Rank of the node on the other side.</param>
    /// <param name="run">What the nodes of the run have in common.</param>
    SplitParty JoinSession(Learner me, Exchange exchange, int other, ILearnerContext run);
}
