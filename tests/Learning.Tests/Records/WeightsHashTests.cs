using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Records;
using Xunit;

namespace Orleans.FL.Learning.Tests.Records;

public sealed class WeightsHashTests
{
    [Fact]
    public void The_hash_is_over_little_endian_floats() =>
        // printf '\x00\x00\x80\x3f\x00\x00\x00\xc0' | sha256sum, the bytes of 1 and -2
        Assert.Equal("ee4ac73c2bd27756ab82780f27c73a7bc4d3f0bb6acb37e008bc27eccd7e588b",
            WeightsHash.Of([ParameterVector.Own([1, -2])]));

    [Fact]
    public void No_weights_have_the_hash_of_nothing() => Assert.Equal(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", WeightsHash.Of([]));

    [Fact]
    public void Vectors_follow_each_other_with_nothing_between() =>
        Assert.Equal(WeightsHash.Of([ParameterVector.Own([1, -2])]),
            WeightsHash.Of([ParameterVector.Own([1]), ParameterVector.Own([-2])]));

    [Fact]
    public void The_order_of_nodes_matters() => Assert.NotEqual(
        WeightsHash.Of([ParameterVector.Own([1]), ParameterVector.Own([2])]),
        WeightsHash.Of([ParameterVector.Own([2]), ParameterVector.Own([1])]));

    [Fact]
    public void Asking_does_not_end_the_sum()
    {
        using var hash = new WeightsHash();
        hash.Add(ParameterVector.Own([1]));
        _ = hash.ToHex();
        hash.Add(ParameterVector.Own([-2]));

        Assert.Equal(WeightsHash.Of([ParameterVector.Own([1, -2])]), hash.ToHex());
    }
}
