namespace Orleans.FL.Learning.Algorithms;

/// <summary>An algorithm that draws who receives from whom, in exchanges of kind
/// <see cref="ExchangeKind.SampledPeers"/> and <see cref="ExchangeKind.SplitSession"/>.</summary>
public interface ISamplePeers
{
    /// <summary>Who receives from whom; nobody, if no row is added.</summary>
    /// <remarks>
    /// A function of its argument alone: each silo calls it, and all must get the same. A sender must have trained in
    /// the round, or have received something in an earlier exchange of it.
    /// </remarks>
    /// <param name="context">Who is there, who trained, who is connected, and the randomness.</param>
    MixingRows SamplePeers(PeerSamplingContext context);
}
