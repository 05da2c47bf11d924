using Orleans.FL.Learning.Experiments.Json;
using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

public class JsonTreeReaderTests
{
    private const int MiB = 1 << 20;

    [Theory]
    [InlineData("{\n  \"a\": 1\n  \"b\": 2\n}", "Line 3, column 3: ")] // no comma
    [InlineData("{ \"é\": nope }", "Line 1, column 9: ")] // columns count letters, not bytes
    [InlineData("{ \"a\": NaN }", "Line 1, column 8: ")]
    [InlineData("{ \"a\": 01 }", "Line 1, column 9: ")]
    [InlineData("{\r\n  'a': 1 }", "Line 2, column 3: ")]
    [InlineData("{} {}", "Line 1, column 4: ")]
    [InlineData("{ \"a\": \"\\ud800\" }", "Line 1, column 8: the text has half of a surrogate pair")]
    [InlineData("{\n \"\\udc00x\": 1 }", "Line 2, column 2: the text has half of a surrogate pair")]
    [InlineData(" \n\t", "There is no JSON")]
    [InlineData("// only a comment", "Line 1, column")]
    public void A_syntax_error_has_its_line_and_column(string json, string start) =>
        Assert.StartsWith(start,
            Assert.Throws<JsonSyntaxException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_syntax_error_reads_as_one_sentence_without_our_internals()
    {
        var message = Assert.Throws<JsonSyntaxException>(() => Read("{\n \"a\": 1,")).Message;

        Assert.DoesNotContain("LineNumber", message, StringComparison.Ordinal);
        Assert.DoesNotContain("isFinalBlock", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_that_no_utf8_can_hold_has_its_line_and_column() =>
        Assert.StartsWith("Line 2, column 3: the text has half of a surrogate pair",
            Assert.Throws<JsonSyntaxException>(() => Read("{\n \"\ud800\": 1 }")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_byte_order_mark_is_passed_over() => Assert.IsType<JsonMap>(Read("\uFEFF{}"));

    [Fact]
    public void Keys_that_are_there_twice_are_noted_at_any_depth()
    {
        var errors = new ErrorList();

        Read("""{ "a": [ { "b": 1, "c": { "d": 1, "d": 2 }, "b": 3 } ], "a": 1 }""", errors);

        var e = Assert.Throws<ExperimentException>(errors.ThrowIfAny);
        Assert.Equal(["$.a[0].c.d", "$.a[0].b", "$.a"], e.Errors.Select(f => f.Path));
    }

    [Fact]
    public void A_key_that_is_there_twice_in_another_spelling_is_noted()
    {
        var errors = new ErrorList();

        Read("""{ "a": 1, "\u0061": 2 }""", errors);

        Assert.False(errors.IsEmpty);
    }

    [Fact]
    public void Nesting_of_32_is_read() => Read(new string('[', 32) + new string(']', 32));

    [Theory]
    [InlineData('[', 33)]
    [InlineData('[', MiB)]
    public void Deeper_nesting_is_refused_with_its_place(char open, int count) =>
        Assert.Equal(
            "Line 1, column 33: lists and objects may be nested 32 deep, not deeper.",
            Assert.Throws<ExperimentException>(() => Read(new string(open, count))).Message);

    [Fact]
    public void Objects_count_as_nesting_too() =>
        Assert.Contains("nested 32 deep",
            Assert.Throws<ExperimentException>(() => Read(string.Concat(Enumerable.Repeat("{\"a\":", 40)))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_text_of_exactly_the_limit_is_read() => Read("[]" + new string(' ', MiB - 2));

    [Theory]
    [InlineData(' ', MiB - 1)] // one byte over
    [InlineData('é', MiB / 2)] // a letter of two bytes
    [InlineData(' ', 50_000_000)]
    public void A_longer_text_is_refused(char filler, int count) =>
        Assert.Contains("at most 1048576 bytes",
            Assert.Throws<ExperimentException>(() => Read("[]" + new string(filler, count))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_longer_list_is_refused_with_its_path()
    {
        var limits = new JsonLimits(1000, 5, 3);

        JsonTreeReader.Read("[1,2,3]", "$", limits, new ErrorList());
        var e = Assert.Throws<ExperimentException>(
            () => JsonTreeReader.Read("""{ "a": [1,2,3,4] }""", "$", limits, new ErrorList()));

        Assert.Equal(new ValidationError("$.a", "The list is too long: at most 3 items are read."),
            Assert.Single(e.Errors));
    }

    [Fact]
    public void Twice_the_same_key_a_hundred_thousand_times_is_a_short_report()
    {
        var errors = new ErrorList();

        Read("{" + string.Concat(Enumerable.Repeat("\"a\":1,", 100_000)) + "}", errors);

        var e = Assert.Throws<ExperimentException>(errors.ThrowIfAny);
        Assert.Equal(201, e.Errors.Count);
        Assert.Equal("99799 more errors are not shown.", e.Errors[^1].Message); // 99,999 repetitions - 200 shown
    }

    [Fact]
    public void Half_a_million_items_cost_no_more_than_their_tree()
    {
        var json = "[" + string.Concat(Enumerable.Repeat("1,", MiB / 2 - 1)) + "]";
        var before = GC.GetAllocatedBytesForCurrentThread();

        Read(json);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64L * MiB);
    }

    private static JsonTree Read(string json) => Read(json, new ErrorList());

    private static JsonTree Read(string json, ErrorList errors) =>
        JsonTreeReader.Read(json, "$", JsonLimits.Default, errors);
}
