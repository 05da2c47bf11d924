using Orleans.FL.Grains.Checkpoints;
using Xunit;

namespace Orleans.FL.Grains.Tests.Checkpoints;

// The journal keeps lines in their order, up to the first damaged one.
public abstract partial class CheckpointStoreContract
{
    [Fact(Timeout = Limit)]
    public async Task The_journal_keeps_lines_in_their_order()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        string[] lines = ["", " ", "{\"é\":\"𝄞\"}", new('x', 700_000), "last"];

        foreach (var line in lines) await store.Append(Run, claim, line);

        var journal = await Open().Journal(Run);
        Assert.Equal(lines, journal);
        Assert.Null(journal.ValidationError);
        await Assert.ThrowsAsync<ArgumentException>(() => store.Append(Run, claim, "two\nlines"));
        Assert.Empty(await store.Journal(Run + "-other"));
    }

    [Fact(Timeout = Limit)]
    public async Task Lines_that_are_added_at_once_are_all_there()
    {
        var store = Open();
        var claim = await store.Claim(Run);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => store.Append(Run, claim, $"{i:D3}"))));

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i:D3}"), (await store.Journal(Run)).Order());
    }

    [Fact(Timeout = Limit)]
    public async Task From_a_damaged_line_on_the_journal_is_left_out_and_says_so()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        foreach (var line in new[] { "one", "two", "three" }) await store.Append(Run, claim, line);
        await FlipLine(1);

        var damaged = await Open().Journal(Run);
        var heir = Open();
        claim = await heir.Claim(Run);
        var cut = await heir.Journal(Run);
        await heir.Append(Run, claim, "zwei");
        var goesOn = await Open().Journal(Run);
        await Open().Claim(Run);

        Assert.Equal(["one"], damaged);
        Assert.Contains("is damaged in line 2", damaged.ValidationError, StringComparison.Ordinal);
        Assert.Equal(["one"], cut);
        Assert.Contains("is damaged in line 2", cut.ValidationError, StringComparison.Ordinal);
        Assert.Equal(["one", "zwei"], goesOn);
        Assert.Equal(["one", "zwei"], await Open().Journal(Run));
        Assert.Null((await Open().Journal(Run)).ValidationError);
    }

    [Theory(Timeout = Limit)]
    [InlineData(new[] { 0, 1, 1, 2, 3, 4 }, 3)] // doubled
    [InlineData(new[] { 0, 1, 2, 4 }, 4)] // missing
    [InlineData(new[] { 0, 4, 2, 3, 1 }, 2)] // exchanged
    [InlineData(new[] { 1, 2, 3, 4 }, 1)] // the first one missing
    public async Task Whole_lines_in_a_wrong_order_are_left_out_from_the_first_wrong_one_on(int[] order, int wrong)
    {
        var store = Open();
        string[] lines = ["one", "two", "three", "four", "five"];
        var claim = await store.Claim(Run);
        foreach (var line in lines) await store.Append(Run, claim, line);

        await ChangeLines(kept => [.. order.Select(i => kept[i])]);

        var found = await Open().Journal(Run);
        Assert.Equal(lines[..(wrong - 1)], found);
        Assert.Contains($"is damaged in line {wrong}: ", found.ValidationError, StringComparison.Ordinal);
        await AssertGoesOn(lines[..(wrong - 1)]);
    }

    [Fact(Timeout = Limit)]
    public async Task A_line_of_another_journal_does_not_fit_even_in_the_same_place()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        foreach (var line in new[] { "one", "two", "three" }) await store.Append(Run, claim, line);
        var other = JournalLine.Frame("zwei", JournalLine.Frame("eins", default).End).Frame;

        await ChangeLines(kept => [kept[0], other, kept[2]]);

        var found = await Open().Journal(Run);
        Assert.Equal(["one"], found);
        Assert.Contains("is damaged in line 2: its checksum does not fit", found.ValidationError,
            StringComparison.Ordinal);
    }

    [Fact(Timeout = Limit)]
    public async Task Lines_whose_breaks_became_crlf_and_lines_of_earlier_versions_are_named()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        foreach (var line in new[] { "one", "two" }) await store.Append(Run, claim, line);

        await ChangeLines(kept => [.. kept.Select(k => (byte[])[.. k, (byte)'\r'])]);
        var crlf = await Open().Journal(Run);
        await ChangeLines(kept => ["2a94b2e9 one"u8.ToArray(), kept[1]]); // the CRC-32C of "one"
        var old = await Open().Journal(Run);

        Assert.Empty(crlf);
        Assert.Contains("is damaged in line 1: it ends with a carriage return", crlf.ValidationError,
            StringComparison.Ordinal);
        Assert.Empty(old);
        Assert.Contains("is damaged in line 1: it has no number, as in journals of earlier versions",
            old.ValidationError, StringComparison.Ordinal);
    }

    private async Task AssertGoesOn(string[] sound)
    {
        var heir = Open();
        var claim = await heir.Claim(Run);
        Assert.NotNull((await heir.Journal(Run)).ValidationError);
        await heir.Append(Run, claim, "on");
        await heir.Append(Run, claim, "and on");
        Assert.Equal([.. sound, "on", "and on"], await Open().Journal(Run));
    }
}
