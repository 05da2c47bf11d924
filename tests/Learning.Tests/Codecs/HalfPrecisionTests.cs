using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Learning.Tests.Codecs;

public class HalfPrecisionTests
{
    private static readonly HalfPrecision Codec = new();

    // binary16: 1 sign bit, 5 bits of exponent (bias 15), 10 bits of fraction.
    [Theory]
    [InlineData(0f, 0x0000, 0f)]
    [InlineData(-0f, 0x8000, -0f)]
    [InlineData(1f, 0x3C00, 1f)] // exponent 15
    [InlineData(-2f, 0xC000, -2f)]
    [InlineData(1 / 3f, 0x3555, 0.333251953125f)] // 1.0101010101₂ · 2⁻² = 1365/4096
    [InlineData(2049f, 0x6800, 2048f)] // steps of 2 from 2,048 on; a tie goes to the even fraction 0
    [InlineData(2051f, 0x6802, 2052f)] // a tie between fractions 1 and 2
    [InlineData(65504f, 0x7BFF, 65504f)] // the largest: (2 - 2⁻¹⁰) · 2¹⁵
    [InlineData(65519.996f, 0x7BFF, 65504f)] // below the middle of 65,504 and 65,536
    [InlineData(6.1035156E-05f, 0x0400, 6.1035156E-05f)] // 2⁻¹⁴, the smallest that is normal
    [InlineData(5.9604645E-08f, 0x0001, 5.9604645E-08f)] // 2⁻²⁴, the smallest there is
    [InlineData(2.9802322E-08f, 0x0000, 0f)] // 2⁻²⁵: a tie goes to the even fraction 0
    [InlineData(8.940697E-08f, 0x0002, 1.1920929E-07f)] // 3 · 2⁻²⁵: a tie between fractions 1 and 2
    public void A_value_becomes_two_bytes_rounded_to_the_nearest(float value, int bits, float decoded)
    {
        var bytes = new byte[2];
        Assert.Equal(2, Codec.Encode([value], bytes, new Seeds(1).Stream("")));
        Assert.Equal([(byte)bits, (byte)(bits >> 8)], bytes);

        var back = new float[1];
        Codec.Decode(bytes, back);
        Assert.Equal(BitConverter.SingleToInt32Bits(decoded), BitConverter.SingleToInt32Bits(back[0]));
    }

    [Fact]
    public void Another_number_of_bytes_is_refused() =>
        Assert.Equal("5 bytes are no 2 values of float16.",
            Assert.Throws<InvalidDataException>(() => Codec.Decode(new byte[5], new float[2])).Message);
}
