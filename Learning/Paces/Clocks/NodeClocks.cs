using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Paces.Clocks;

/// <summary>How long things take at each node, in simulated seconds.</summary>
/// <remarks>
/// Belongs to one schedule: what is drawn anew each time is drawn in the order of the questions. Not thread-safe.
/// </remarks>
/// <param name="compute">Seconds a sample.</param>
/// <param name="bandwidth">Bytes a second.</param>
/// <param name="latency">Seconds a transfer.</param>
/// <param name="availability">When nodes are there.</param>
/// <param name="seeds">The run's randomness.</param>
public sealed class NodeClocks(
    Distribution compute, Distribution bandwidth, Distribution latency, Availability availability, Seeds seeds)
{
    private readonly Draws _compute = new(compute, "pace/compute", seeds);
    private readonly Draws _bandwidth = new(bandwidth, "pace/bandwidth", seeds);
    private readonly Draws _latency = new(latency, "pace/latency", seeds);
    private readonly Dictionary<int, Func<double, double>> _availability = [];

    /// <summary>Seconds of a training.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="samples">Samples that it trains on, counted once an epoch; a node without any takes as long as for
    /// one.</param>
    public double Training(int node, long samples) => Math.Max(1, samples) * _compute.Next(node);

    /// <summary>Seconds of a transfer at one end.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="bytes">Bytes that go over its link.</param>
    public double Transfer(int node, long bytes) => _latency.Next(node) + bytes / _bandwidth.Next(node);

    /// <summary>The first moment from a time on at which the node is there.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="time">The time in seconds; for one node never before the last one.</param>
    public double Available(int node, double time)
    {
        if (!_availability.TryGetValue(node, out var next)) _availability[node] = next = availability.Of(node, seeds);
        return next(time);
    }

    /// <summary>What a distribution gives each node: one number, or one after the other.</summary>
    private sealed class Draws(Distribution distribution, string purpose, Seeds seeds)
    {
        private readonly Dictionary<int, double> _numbers = [];
        private readonly Dictionary<int, RandomStream> _streams = [];

        public double Next(int node)
        {
            if (distribution.EachTime)
            {
                if (!_streams.TryGetValue(node, out var stream)) _streams[node] = stream = seeds.Stream(purpose, node);
                return distribution.Draw(node, stream);
            }
            if (!_numbers.TryGetValue(node, out var number))
                _numbers[node] = number = distribution.Draw(node, seeds.Stream(purpose, node));
            return number;
        }
    }
}
