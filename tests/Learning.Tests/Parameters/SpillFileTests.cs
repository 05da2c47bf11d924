using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Parameters;
using Xunit;

namespace Orleans.FL.Learning.Tests.Parameters;

public sealed class SpillFileTests : IDisposable
{
    private const int Length = 1000;
    private const long Bytes = 4000; // of a vector

    private readonly string _folder = Directory.CreateTempSubdirectory("orleans-fl-spill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Room_of_vectors_that_are_gone_is_used_again()
    {
        using var file = new SpillFile(_folder, _ => { });
        for (var round = 0; round < 50; round++)
        {
            WriteTen(file, round);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        // Ten at a time, and at most those of the round before.
        Assert.Equal(Length, file.Read(9 * Bytes, Length).Length);
        Assert.Throws<IOException>(() => file.Read(20 * Bytes, 1));
    }

    [Fact]
    public void Room_of_another_length_is_left_alone()
    {
        using var file = new SpillFile(_folder, _ => { });
        var (first, second) = (Values(1), Values(2));
        file.Write(ParameterVector.Own(first), first);
        file.Free(Length, 0);

        file.Write(ParameterVector.Own([7]), [7]); // behind it
        file.Write(ParameterVector.Own(second), second); // in its place

        Assert.Equal(second, file.Read(0, Length));
        Assert.Equal([7f], file.Read(Bytes, 1));
        Assert.Throws<IOException>(() => file.Read(Bytes + sizeof(float), 1));
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // what a method that has returned held is garbage, in debug builds too
    private static void WriteTen(SpillFile file, int round)
    {
        var written = Enumerable.Range(10 * round, 10)
            .Select(seed => (Values: Values(seed), Place: file.Write(ParameterVector.Own(Values(seed)), Values(seed))))
            .ToList();
        Assert.All(written, w => Assert.Equal(w.Values, w.Place.Read(Length)));
    }

    private static float[] Values(int seed) => [.. Enumerable.Range(0, Length).Select(i => seed + (i / 1000f))];
}
