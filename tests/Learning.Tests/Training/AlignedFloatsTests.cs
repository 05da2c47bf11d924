using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Orleans.FL.Learning.Training.Engines;
using Orleans.FL.Learning.Training.TorchLoading;
using TorchSharp;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

public class AlignedFloatsTests
{
    [Fact]
    public void They_begin_at_a_multiple_of_64_bytes_wherever_the_array_lies()
    {
        TorchRuntime.EnsureLoaded();
        foreach (var length in Enumerable.Range(1, 40))
        {
            GC.AllocateUninitializedArray<byte>(length, pinned: true); // moves the next array by an odd distance
            using var floats = new AlignedFloats(length);

            Assert.Equal(0, AddressOf(floats.Span) % 64);
            Assert.Equal(length, floats.Span.Length);
        }
    }

    [Fact]
    public void Both_sides_see_the_same_memory()
    {
        TorchRuntime.EnsureLoaded();
        using var floats = new AlignedFloats(3);
        floats.Span.Fill(2);

        Double(floats);

        Assert.Equal([4, 4, 4], floats.Span.ToArray());
    }

    private static void Double(AlignedFloats floats) => floats.Tensor.mul_(torch.tensor(2f));

    private static unsafe long AddressOf(Span<float> span) =>
        (long)Unsafe.AsPointer(ref MemoryMarshal.GetReference(span));
}
