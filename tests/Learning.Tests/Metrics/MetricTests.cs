using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Xunit;

namespace Orleans.FL.Learning.Tests.Metrics;

public class MetricTests
{
    [Theory]
    [InlineData(MergeRule.Sum, 6)] // 1 + 2 + 3
    [InlineData(MergeRule.Mean, 2.625)] // (1·1 + 2·1 + 3·6) / 8 = 21 / 8
    [InlineData(MergeRule.Max, 3)]
    [InlineData(MergeRule.Min, 1)]
    public void Values_are_merged_by_their_rule(MergeRule rule, double expected)
    {
        var merged = Metric.Of("x", rule).Merge([new(1), new(2), new(3, 6)]);

        Assert.Equal(expected, merged.Value);
        Assert.Equal(1 + 1 + 6, merged.Weight);
    }

    [Theory]
    [InlineData(MergeRule.Sum)]
    [InlineData(MergeRule.Mean)]
    public void A_merge_is_exact_up_to_one_rounding(MergeRule rule)
    {
        double Merged(params WeightedValue[] values) => Metric.Of("x", rule).Merge(values).Value;

        // In doubles 1e300 + 1 is 1e300, and what is left of -1e300 would be 0. A mean over weights of 1, 1 and 2 is a
        // quarter of the sum.
        Assert.Equal(rule == MergeRule.Sum ? 1 : 0.25, Merged(new(1e300), new(1), new(-1e300, 1), new(0, 1)));
        Assert.Equal(-double.Epsilon, Merged(new WeightedValue(-double.Epsilon)));
        Assert.Equal(double.MaxValue, Merged(new WeightedValue(double.MaxValue)));
        // 0.1 is a little more than a tenth, and three times it a little more than the double that is written 0.3;
        // added one by one they give that one, too.
        Assert.Equal(rule == MergeRule.Sum ? 3 * 0.1 : 0.1, Merged(new(0.1), new(0.1), new(0.1)));
        // 1/3 is no double: of 1, 0 and 0 the mean is the one next to it.
        Assert.Equal(rule == MergeRule.Sum ? 1 : 1.0 / 3, Merged(new(1), new(0), new(0)));
    }

    [Fact]
    public void The_order_of_values_makes_no_difference()
    {
        var stream = new Seeds(7).Stream("test", 0, 0);
        WeightedValue[] values = [.. Enumerable.Range(0, 200)
            .Select(i => new WeightedValue(Math.ScaleB(stream.NextNormal(), (i * 7 % 120) - 60), 1 + (i % 13)))];
        WeightedValue[] reversed = [.. values.Reverse()];

        Assert.NotEqual(values.Sum(v => v.Value), reversed.Sum(v => v.Value)); // as doubles are added up
        foreach (var rule in Enum.GetValues<MergeRule>())
        {
            var metric = Metric.Of("x", rule);
            Assert.Equal(metric.Merge(values), metric.Merge(reversed));
            Assert.Equal(metric.Merge(values), metric.Merge(values.OrderBy(v => v.Value)));
        }
    }

    [Theory]
    [InlineData(MergeRule.Sum)]
    [InlineData(MergeRule.Mean)]
    [InlineData(MergeRule.Max)]
    [InlineData(MergeRule.Min)]
    public void There_is_no_value_over_none_or_where_one_is_not_finite(MergeRule rule)
    {
        var metric = Metric.Of("x", rule);

        Assert.Equal(WeightedValue.None, metric.Merge([]));
        Assert.True(double.IsNaN(metric.Merge([new(1), new(double.NaN), new(2)]).Value));
        Assert.Equal(3, metric.Merge([new(double.NaN), new(1), new(2)]).Weight);
        Assert.True(double.IsNaN(metric.Merge([new(double.PositiveInfinity), new(1)]).Value));
        if (rule == MergeRule.Mean) Assert.True(double.IsNaN(metric.Merge([new(1, 0), new(2, 0)]).Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a,b")]
    [InlineData("a\n")]
    [InlineData("a\u0007b")]
    [InlineData("a\u202Eb")]
    [InlineData("a\"b")]
    [InlineData("=1+1")]
    [InlineData("Loss")]
    [InlineData("2nd")]
    [InlineData("_x")]
    [InlineData("größe")]
    [InlineData("../x")]
    [InlineData("a123456789a123456789a123456789a123456789a123456789a123456789abcde")] // 65
    public void A_name_that_could_not_be_a_column_is_refused(string name) =>
        Assert.Contains("column", Assert.Throws<ArgumentException>(() => Metric.Of(name, MergeRule.Sum)).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("m,s")]
    [InlineData("m\ts")]
    [InlineData("m\u2028s")]
    [InlineData("\"")]
    public void A_unit_that_could_not_be_printed_is_refused(string unit)
    {
        Assert.Throws<ArgumentException>(() => Metric.Of("x", MergeRule.Sum, unit));
        Assert.Equal("m/s²", Metric.Of("x", MergeRule.Sum, "m/s²").Unit);
    }

    [Fact]
    public void What_an_update_emits_counts_once_however_often_it_is_composed()
    {
        Metric[] metrics = [Metric.Of("clipped", MergeRule.Sum), Metric.Of("silent", MergeRule.Sum)];
        Emission[] emitted =
        [
            // two filters of one chain
            new("clipped", 1, 1, Exchange: 0, Place: 0), new("clipped", 1, 1, Exchange: 0, Place: 1),
            new("clipped", 1, 1, Exchange: 0, Place: 0), new("clipped", 1, 1, Exchange: 0, Place: 1), // composed again
            new("clipped", 1, 1, Exchange: 1, Place: 0), // another exchange
            new("clipped", 1, 1), new("clipped", 1, 1), // steps that are done once
            new("foreign", 1, 1),
        ];

        Assert.Equal([new MergedMetric("clipped", 5, 5)], MergedMetric.Of(metrics, emitted)); // 2 + 1 + 2
    }
}
