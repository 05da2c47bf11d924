using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Parameters;
using Xunit;

namespace Orleans.FL.Learning.Tests.Parameters;

public sealed class VectorSpillTests : IDisposable
{
    private const int Length = 1000; // 4,000 bytes a vector

    private readonly string _folder = Directory.CreateTempSubdirectory("orleans-fl-spill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_used_longest_ago_goes_to_disk_and_comes_back_with_the_same_bits()
    {
        using var spill = new VectorSpill(2 * 4000, _folder);
        var vectors = Enumerable.Range(0, 5).Select(Vector).ToList();

        foreach (var vector in vectors) spill.Hold([vector]);

        Assert.Equal([false, false, false, true, true], vectors.Select(v => v.IsResident));

        Assert.Equal(Vector(1), vectors[1]); // reads it back, and so vector 3 goes

        Assert.Equal([false, true, false, false, true], vectors.Select(v => v.IsResident));
        Assert.All(vectors.Select((v, i) => (v, i)), p => Assert.Equal(Vector(p.i), p.v));
    }

    [Fact]
    public void A_mean_reads_what_is_on_disk_and_drives_nothing_out_of_memory()
    {
        using var spill = new VectorSpill(2 * 4000, _folder);
        var vectors = Enumerable.Range(0, 5).Select(Vector).ToList();
        foreach (var vector in vectors) spill.Hold([vector]);

        var mean = ExactSum.WeightedMean([.. vectors.Select((v, i) => (v, i + 1.0))]);

        Assert.Equal(ExactSum.WeightedMean([.. Enumerable.Range(0, 5).Select(i => (Vector(i), i + 1.0))]), mean);
        Assert.Equal([false, false, false, true, true], vectors.Select(v => v.IsResident));
    }

    [Fact]
    public void What_was_borrowed_from_disk_is_a_copy_that_ends_with_its_use()
    {
        using var spill = new VectorSpill(0, _folder);
        var (here, away) = (Vector(0), Vector(1));
        spill.Hold([away]);

        Assert.Same(here, here.Borrow());
        var copy = away.Borrow();
        Assert.Equal(Vector(1), copy);
        away.Return(copy);

        Assert.False(away.IsResident);
        Assert.Throws<InvalidOperationException>(() => copy.Span[0]);
        Assert.Equal(Vector(1), away);
    }

    // Two vectors may stay. Held three times and counted once, the shared one leaves room for another; with a third
    // vector,
    // it goes as the one that was used longest ago if anybody holds it still, and does not count if nobody does.
    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void A_vector_that_several_nodes_hold_counts_once_and_until_the_last_lets_go(int released, bool stays)
    {
        using var spill = new VectorSpill(2 * 4000, _folder);
        var (shared, second, third) = (Vector(0), Vector(1), Vector(2));
        spill.Hold([shared, shared]);
        spill.Hold([shared]);
        spill.Hold([second]);
        Assert.True(shared.IsResident && second.IsResident);

        spill.Release(Enumerable.Repeat(shared, released));
        spill.Hold([third]);

        Assert.Equal([stays, true, true], [shared.IsResident, second.IsResident, third.IsResident]);
    }

    [Fact]
    public void Within_the_budget_not_even_a_file_is_made()
    {
        var folder = Path.Combine(_folder, "made when it is needed");
        using var spill = new VectorSpill(5 * 4000, folder);

        spill.Hold(Enumerable.Range(0, 5).Select(Vector));
        Assert.False(Directory.Exists(folder));

        spill.Hold([Vector(5)]);
        Assert.True(Directory.Exists(folder));
    }

    [Fact]
    public void Vectors_that_were_let_go_are_the_garbage_collectors()
    {
        using var spill = new VectorSpill(4000, _folder);
        var gone = HeldForAWhile(spill);

        GC.Collect();

        Assert.All(gone, v => Assert.False(v.TryGetTarget(out _)));
    }

    [Fact]
    public void A_vector_that_was_let_go_is_whole_for_those_who_hold_it()
    {
        using var spill = new VectorSpill(0, _folder);
        var vector = Vector(3);
        spill.Hold([vector]);
        spill.Release([vector]);

        Assert.False(vector.IsResident);
        Assert.Equal(Vector(3), vector);
    }

    [Fact]
    public void Where_no_file_can_be_made_vectors_stay_in_memory_and_the_reason_is_reported_once()
    {
        var reasons = new List<string>();
        var notAFolder = Path.Combine(_folder, "file");
        File.WriteAllText(notAFolder, "");
        using var spill = new VectorSpill(4000, notAFolder, reasons.Add);
        var vectors = Enumerable.Range(0, 4).Select(Vector).ToList();

        foreach (var vector in vectors) spill.Hold([vector]);

        Assert.All(vectors, v => Assert.True(v.IsResident));
        Assert.Contains("past the budget of 4000 bytes", Assert.Single(reasons));
    }

    [Fact(Timeout = 60_000)]
    public async Task Many_threads_read_right_values_while_vectors_go_to_disk()
    {
        using var spill = new VectorSpill(3 * 4000, _folder);
        var vectors = Enumerable.Range(0, 40).Select(Vector).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(reader => Task.Run(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                var at = ((i * 7) + (reader * 13)) % 40;
                if (i % 3 == 0) spill.Hold([vectors[at]]);
                Assert.Equal(at + (at / 1000f), vectors[at].Span[at]);
            }
        })));
        Assert.All(vectors.Select((v, i) => (v, i)), p => Assert.Equal(Vector(p.i), p.v));
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // what a method that has returned held is garbage, in debug builds too
    private static List<WeakReference<ParameterVector>> HeldForAWhile(VectorSpill spill)
    {
        var vectors = Enumerable.Range(0, 10).Select(Vector).ToList();
        spill.Hold(vectors);
        spill.Release(vectors);
        return [.. vectors.Select(v => new WeakReference<ParameterVector>(v))];
    }

    private static ParameterVector Vector(int seed) =>
        ParameterVector.Own([.. Enumerable.Range(0, Length).Select(i => seed + (i / 1000f))]);
}
