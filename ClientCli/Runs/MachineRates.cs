namespace Orleans.FL.ClientCli.Runs;

/// <summary>What this machine computes at the moment, in 10^9 operations a second.</summary>
/// <param name="Peak">Fused multiply-adds of the lanes' cores at best.</param>
/// <param name="MatrixMultiply">libtorch's large matrix products, a thread a lane.</param>
internal sealed record MachineRates(double Peak, double MatrixMultiply);
