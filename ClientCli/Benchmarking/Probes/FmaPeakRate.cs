using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.ClientCli.Benchmarking.Probes;

/// <summary>What the cores of the lanes compute at best: the limit that training is measured by.</summary>
/// <remarks>libtorch's matrix product runs at a quarter to a third of it on some machines.</remarks>
internal static class FmaPeakRate
{
    /// <summary>Fused multiply-adds of so many lanes in the widest registers, with no memory in the way.</summary>
    /// <param name="lanes">How many; those beyond the cores add nothing.</param>
    /// <returns>Floating-point operations a second of all lanes, in 10^9.</returns>
    public static double Measure(int lanes) =>
        Math.Min(lanes, Environment.ProcessorCount) * PeakRate.GflopsPerCore;
}
