using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces.Clocks;

namespace Orleans.FL.Learning.Paces;

/// <summary>A model of the nodes gives the time that they take; what happens goes by the order of (simulated time,
/// rank).</summary>
/// <remarks>
/// Which node does what when follows from experiment and seed, never from weights or the wall clock, so that
/// asynchronous algorithms give the same bytes on any number of silos and lanes. Algorithms that go synchronously give
/// the bytes that they give without it, and the time that their rounds take. A transfer takes the latency and the bytes
/// over the bandwidth of each end; a server is always there, and its own link as fast as need be. Another node that is
/// away begins when it is back, and its update is received when it is back; it goes on training meanwhile.
/// </remarks>
/// <param name="options">The model of the nodes.</param>
[Component(SimulatedTime, Summary = "A model of the nodes gives the time that they take; "
    + "asynchronous algorithms go by the order of (simulated time, rank).")]
public sealed class SimulatedTimePace(SimulatedTimePace.Options options) : Pace, ICheckSettings
{
    /// <summary>Options of <see cref="SimulatedTimePace"/>.</summary>
    public sealed record Options : IReadFiles
    {
        /// <summary>Seconds a sample.</summary>
        [Option("Seconds that a node trains a sample, once an epoch; 0.01 by default.")]
        public Component<Distribution> Compute { get; init; } = new("constant", new Constant.Options { Value = 0.01 });

        /// <summary>Bytes a second.</summary>
        [Option("Bytes a second of a node's link, each way; 1,000,000 by default.")]
        public Component<Distribution> Bandwidth { get; init; } = new("constant",
            new Constant.Options { Value = 1_000_000 });

        /// <summary>Seconds a transfer.</summary>
        [Option("Seconds that each transfer of a node takes besides its bytes; 0.05 by default.")]
        public Component<Distribution> Latency { get; init; } = new("constant", new Constant.Options { Value = 0.05 });

        /// <summary>When nodes are there.</summary>
        [Option("When nodes are there.")]
        public Component<Availability> Availability { get; init; } = new("always", null);

        /// <inheritdoc/>
        public object Read(string folder) => this with
        {
            Compute = Read(Compute, folder),
            Bandwidth = Read(Bandwidth, folder),
            Latency = Read(Latency, folder),
            Availability = Read(Availability, folder),
        };

        private static Component<T> Read<T>(Component<T> component, string folder) where T : class =>
            component.Options is IReadFiles files ? component with { Options = files.Read(folder) } : component;
    }

    /// <inheritdoc/>
    public override NodeClocks Clocks(Seeds seeds) => new(options.Compute.Create(), options.Bandwidth.Create(),
        options.Latency.Create(), options.Availability.Create(), seeds);

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (options.Compute.Create().CanBeZero)
            yield return new ValidationError("compute", "A node that trains in no time would leave the others none; "
                + "give seconds a sample above 0, 0.01 for example.");
        if (options.Bandwidth.Create().CanBeZero)
            yield return new ValidationError("bandwidth", "Over a link of 0 bytes a second nothing ever comes; "
                + "give bytes a second above 0, 1000000 for example.");
    }
}
