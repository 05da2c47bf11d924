using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Asks other silos for chunks; where a node sits is known here and nowhere else in the exchange.</summary>
public interface IPeerCalls
{
    /// <summary>Asks a node.</summary>
    /// <param name="request">What to read.</param>
    Task<WeightChunk> Read(ReadRequest request);

    /// <summary>Asks a node whether it has sent a message; if it has not, it answers after some seconds.</summary>
    /// <param name="message">Which message.</param>
    Task<bool> HasSent(UpdateAddress message);

    /// <summary>Asks a silo for a sum.</summary>
    /// <param name="silo">Name of the silo.</param>
    /// <param name="request">What to read.</param>
    Task<WeightChunk> ReadSum(string silo, SumRequest request);

    /// <summary>Asks a silo for the same values of several of its nodes.</summary>
    /// <param name="silo">Name of the silo.</param>
    /// <param name="request">What to read.</param>
    Task<WeightChunk> ReadBlock(string silo, BlockRequest request);

    /// <summary>Asks a silo to aggregate a block.</summary>
    /// <param name="silo">Name of the silo.</param>
    /// <param name="request">Which row, and which block of it.</param>
    Task<WeightChunk> Aggregate(string silo, AggregateRequest request);

    /// <summary>Asks a silo to test its share.</summary>
    /// <param name="silo">Name of the silo.</param>
    /// <param name="request">Which model, on which pieces of the test samples.</param>
    Task<TestAnswer> Test(string silo, TestRequest request);
}
