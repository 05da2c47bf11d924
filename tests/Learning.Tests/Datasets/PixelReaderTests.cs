using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Orleans.FL.Learning.Datasets;
using Xunit;

namespace Orleans.FL.Learning.Tests.Datasets;

/// <summary>Registers of pixels give the bits of the table.</summary>
public sealed class PixelReaderTests
{
    public static TheoryData<int, double, double> Scales => new()
    {
        { 255, 0.2860, 0.3530 }, // fashion-mnist
        { 255, 0.1307, 0.3081 }, // mnist
        { 16, 0.3053, 0.376 },   // digits
        { 255, 0, 1 },
        { 255, 0.4914, 0.247 },
        { 255, 0.5, 1e-3 },
    };

    [Fact]
    public void A_pixel_is_divided_shifted_and_divided_in_float64_and_rounded_once()
    {
        // (51 / 255 - 0.1) / 0.5 = 0.2
        var floats = new float[40];
        ReaderOf(255, 0.1, 0.5).Read(Enumerable.Repeat((byte)51, 40).ToArray(), floats);
        Assert.All(floats, f => Assert.Equal(0.2f, f));
    }

    [Theory]
    [MemberData(nameof(Scales))]
    public void All_widths_of_registers_give_the_bits_of_the_table(int maximum, double mean, double deviation)
    {
        var reader = ReaderOf(maximum, mean, deviation);
        var pixels = Enumerable.Range(0, 256 + 13).Select(p => (byte)p).ToArray(); // 13 are left after registers of 16
        var (wanted, read, wide, narrow) = (new float[269], new float[269], new float[269], new float[269]);
        reader.LookUp(pixels, wanted);
        reader.Read(pixels, read);
        Assert.Equal(Bits(wanted), Bits(read));
        if (!reader.IsLinear) return;
        if (Avx512F.IsSupported)
        {
            Assert.Equal(256 + 0, reader.Wide(pixels.AsSpan(0, 269), wide));
            Assert.Equal(Bits(wanted)[..256], Bits(wide)[..256]);
        }
        if (!Avx2.IsSupported) return;
        Assert.Equal(256 + 8, reader.Narrow(pixels, narrow));
        Assert.Equal(Bits(wanted)[..264], Bits(narrow)[..264]);
    }

    [Fact]
    public void Pixels_of_the_datasets_are_worked_out()
    {
        if (!Fma.IsSupported) return;
        Assert.All([(255, 0.2860, 0.3530), (255, 0.1307, 0.3081), (16, 0.3053, 0.376)],
            s => Assert.True(ReaderOf(s.Item1, s.Item2, s.Item3).IsLinear));
    }

    private static PixelReader ReaderOf(int maximum, double mean, double deviation) =>
        new(new PixelScale(maximum, [mean], [deviation]), 0);

    private static uint[] Bits(float[] floats) => MemoryMarshal.Cast<float, uint>(floats).ToArray();
}
