using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Asks other silos for chunks; where a node sits is known here and nowhere else in the exchange.</summary>
public interface IPeerCalls
{
    /// <summary>Asks a node.</summary>
    /// <param name="request">What to read.</param>
    Task<WeightChunk> Read(ReadRequest request);

    /// <summary>Asks a node whether it has said a message, which it answers after some seconds if it has not.</summary>
    /// <param name="message">Which message.</param>
    Task<bool> HasPrinted(UpdateAddress message);

    /// <summary>Asks a silo for a sum.</summary>
    /// <param name="silo">Name of the silo.</param>
    /// <param name="request">What to read.</param>
    Task<WeightChunk> ReadSum(string silo, SumRequest request);

    /// <summary>Asks a silo to test its share.</summary>
    /// <param name="silo">Name of the silo.</param>
    /// <param name="request">Which model, on which pieces of the test samples.</param>
    Task<TestAnswer> Test(string silo, TestRequest request);
}
