using System.Globalization;
using Orleans.FL.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Orleans.FL.Learning.Tests.Algorithms.Effects;

/// <summary>
/// Algorithms bring on small data what their papers claim for them. Each test prints its row of docs/effects.md.
/// </summary>
public class EffectTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. Effects.All.Keys];

    public static TheoryData<string> Faster => [.. Effects.Faster.Keys];

    [Slow]
    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Names))]
    public async Task The_gain_shows(string name)
    {
        var effect = Effects.All[name];

        var (mine, other) = await effect.Measure();

        var (gain, payload) = (mine.Accuracy - other.Accuracy, mine.Bytes / other.Bytes);
        var row = string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {mine.Accuracy:0.000} | {other.Accuracy:0.000} | {gain:+0.000;-0.000} | {effect.Margin:0.000} "
                + $"| {mine.Bytes / 1000:0} : {other.Bytes / 1000:0} kB |");
        output.WriteLine(row);
        Assert.True(gain >= effect.Margin, row);
        Assert.True(effect.Payload is not { } most || payload <= most, row);
    }

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Faster))]
    public async Task The_accuracy_comes_sooner(string name)
    {
        var effect = Effects.Faster[name];

        var (mine, other) = await effect.Measure();

        var gain = other.Seconds / mine.Seconds;
        var row = string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {effect.Target:0.00} | {mine.Seconds:0.0} s | {other.Seconds:0.0} s | {gain:0.0} | "
                + $"{effect.Margin:0.0} | ({mine.Accuracy:0.000}, {other.Accuracy:0.000} in the end)");
        output.WriteLine(row);
        Assert.True(double.IsFinite(other.Seconds), row); // both get there
        Assert.True(gain >= effect.Margin, row);
    }
}
