using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Codecs;

public class UpdateFormatTests
{
    private static readonly UpdateShape Shape = new(3, [new("control", 2), new("steps", 1, IsExact: true)]);

    [Fact]
    public void The_size_is_the_codecs_and_exact_vectors_have_four_bytes_a_value()
    {
        Assert.Equal(4 * (3 + 2 + 1), UpdateFormat.Plain(Shape).Bytes);
        Assert.Equal(2 * (3 + 2) + 4, new UpdateFormat(Shape, new HalfPrecision()).Bytes);
        Assert.Equal(4 * 3 + 2 * 2 + 4, new UpdateFormat(Shape with { IsExact = true }, new HalfPrecision()).Bytes);
    }

    [Fact]
    public void Float32_gives_the_very_update()
    {
        var update = Update(1 / 3f, 1 / 3f);

        Assert.Same(update, UpdateFormat.Plain(Shape).Encode(update, 0, keepBytes: true, Draws()));
    }

    [Fact]
    public void All_nodes_receive_what_the_bytes_say_and_exact_vectors_as_they_are()
    {
        var update = Update(1 / 3f, 2049);

        var received = new UpdateFormat(Shape, new HalfPrecision()).Encode(update, 0, keepBytes: true, Draws());

        Assert.Equal(0.333251953125f, received.Weights.Span[0]);
        Assert.Equal(2048, received.AuxiliaryVectors["control"].Span[1]);
        Assert.Same(update.AuxiliaryVectors["steps"], received.AuxiliaryVectors["steps"]);
        Assert.Equal(["control", "weights"], received.Encoded.Keys.Order());
        Assert.All(received.Encoded.Values, v => Assert.Equal("float16", v.Codec));
        Assert.Equal([0x55, 0x35], received.Encoded["weights"].Bytes[..2].ToArray());
        Assert.Equal([0x00, 0x68], received.Encoded["control"].Bytes[2..].ToArray());
    }

    [Fact]
    public void Without_readers_on_other_silos_no_bytes_are_kept_and_the_values_are_the_same()
    {
        var format = new UpdateFormat(Shape, new HalfPrecision());
        var update = Update(1 / 3f, 0.1f);

        var received = format.Encode(update, 0, keepBytes: false, Draws());

        Assert.Empty(received.Encoded);
        Assert.Equal(format.Encode(update, 0, keepBytes: true, Draws()).Weights, received.Weights);
    }

    [Theory]
    [InlineData(70000f)]
    [InlineData(-65520f)] // the middle between the largest value and the next power of two
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_value_that_the_codec_cannot_carry_is_refused_with_the_senders_name(float value)
    {
        var refusal = Assert.Throws<NotSummableException>(() =>
            new UpdateFormat(Shape, new HalfPrecision()).Encode(Update(0, value), 4, keepBytes: false, Draws()));

        Assert.StartsWith($"Node 4 sends the value {value}, which the codec float16 cannot carry", refusal.Message);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(67, 66)]
    [InlineData(67, 5)]
    public void The_first_value_that_is_not_finite_is_found_wherever_it_is(int length, int at)
    {
        var values = Enumerable.Repeat(float.MaxValue, length).ToArray();
        Assert.Null(FiniteValues.FirstOther(values));

        values[at] = float.PositiveInfinity;
        values[^1] = float.NaN;
        Assert.Equal(at, FiniteValues.FirstOther(values));
    }

    [Fact]
    public void A_codec_that_rounds_is_refused_where_labels_are_sent_beside_activations()
    {
        var refusal = Assert.Throws<ExperimentException>(() =>
            Toy.Experiment("algorithm=split-learning", "codec=float16"));

        Assert.Equal("$.codec", Assert.Single(refusal.Errors).Path);
    }

    private static Update Update(float first, float second) =>
        new(ParameterVector.Own([first, 1, 2]), new Dictionary<string, ParameterVector>
        {
            ["control"] = ParameterVector.Own([0, second]),
            ["steps"] = ParameterVector.Own([100_001]),
        });

    private static RandomStream Draws() => new Seeds(1).Stream("codec");
}
