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
}
