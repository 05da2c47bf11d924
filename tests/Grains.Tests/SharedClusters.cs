using Orleans.FL.Learning.Datasets;
using Orleans.FL.Testing;

namespace Orleans.FL.Grains.Tests;

/// <summary>Clusters that the tests of a class share, as class fixtures.</summary>
public static class SharedClusters
{
    public sealed class OneSiloOneLane() : FederationCluster(1, 1);

    public sealed class OneSiloTwoLanes() : FederationCluster(1, 2);

    public sealed class TwoSilosTwoLanes() : FederationCluster(2, 2);

    public sealed class ThreeSilosOneLane() : FederationCluster(3, 1);

    public sealed class ThreeSilosTwoLanes() : FederationCluster(3, 2);

    /// <summary>
    /// Every vector goes to disk as soon as it is not in use: the memory for unused vectors is one byte.
    /// </summary>
    public sealed class OnDisk() : FederationCluster(2, 2, stateMemory: 1);

    /// <summary>Many test samples: 5,001.</summary>
    public sealed class ManyTestSamples() : FederationCluster(3, 1, Data())
    {
        public static DatasetCache Data() => new(_ => ToyData.Labeled(120, 5001, new SampleShape(1, 4, 4), 3, 5));
    }
}
