using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.TorchLoading;

namespace Orleans.FL.Learning.Training.Lanes;

/// <summary>Memory that is kept for the next training: given back to the system where there is none.</summary>
internal static class IdleMemory
{
    private const long LeastWorthIt = 64 << 20;

    /// <summary>Gives it back, if it is worth a full collection.</summary>
    public static void GiveBack()
    {
        if (FloatPool.SpareBytes >= LeastWorthIt)
        {
            FloatPool.Clear();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        NativeHeap.GiveBack();
    }
}
