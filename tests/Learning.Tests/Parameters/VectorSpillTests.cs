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
        Assert.Equal(8000, spill.ResidentBytes);
        Assert.Equal(12000, spill.FileBytes);

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

    [Fact]
    public void A_vector_that_several_nodes_hold_counts_once_and_until_the_last_lets_go()
    {
        using var spill = new VectorSpill(100_000, _folder);
        var shared = Vector(0);

        spill.Hold([shared, shared]);
        spill.Hold([shared]);
        Assert.Equal(4000, spill.ResidentBytes);

        spill.Release([shared, shared]);
        Assert.Equal(4000, spill.ResidentBytes);

        spill.Release([shared]);
        Assert.Equal(0, spill.ResidentBytes);
    }

    [Fact]
    public void Nothing_is_written_within_the_budget()
    {
        using var spill = new VectorSpill(5 * 4000, _folder);
        spill.Hold(Enumerable.Range(0, 5).Select(Vector));

        Assert.Equal(0, spill.FileBytes);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Room_of_vectors_that_are_gone_is_used_again()
    {
        using var spill = new VectorSpill(0, _folder);
        for (var round = 0; round < 50; round++)
        {
            Round(spill, round);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.InRange(spill.FileBytes, 10 * 4000, 20 * 4000); // ten at a time, and those of the round before

        static void Round(VectorSpill spill, int round)
        {
            var vectors = Enumerable.Range(10 * round, 10).Select(Vector).ToList();
            spill.Hold(vectors);
            Assert.All(vectors.Select((v, i) => (v, i)), p => Assert.Equal(Vector((10 * round) + p.i), p.v));
            spill.Release(vectors);
        }
    }

    [Fact]
    public void A_vector_that_was_let_go_is_whole_for_whoever_has_it()
    {
        using var spill = new VectorSpill(0, _folder);
        var vector = Vector(3);
        spill.Hold([vector]);
        spill.Release([vector]);

        Assert.False(vector.IsResident);
        Assert.Equal(Vector(3), vector);
    }

    [Fact]
    public void Where_no_file_can_be_made_vectors_stay_in_memory_and_the_reason_is_told_once()
    {
        var reasons = new List<string>();
        var notAFolder = Path.Combine(_folder, "file");
        File.WriteAllText(notAFolder, "");
        using var spill = new VectorSpill(4000, notAFolder, reasons.Add);
        var vectors = Enumerable.Range(0, 4).Select(Vector).ToList();

        foreach (var vector in vectors) spill.Hold([vector]);

        Assert.All(vectors, v => Assert.True(v.IsResident));
        Assert.Equal(16_000, spill.ResidentBytes);
        Assert.Contains("past the budget of 4000 bytes", Assert.Single(reasons));
    }

    [Fact(Timeout = 60_000)]
    public async Task Many_threads_read_right_values_whatever_goes_to_disk_meanwhile()
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

    private static ParameterVector Vector(int seed) =>
        ParameterVector.Own([.. Enumerable.Range(0, Length).Select(i => seed + (i / 1000f))]);
}
