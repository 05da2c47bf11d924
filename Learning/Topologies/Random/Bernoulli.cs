using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Random;

/// <summary>Independent choices with one probability, in time that goes by how many are chosen.</summary>
/// <remarks>
/// Batagelj, Brandes, Efficient generation of large random networks, Phys. Rev. E 2005: the gaps are geometric.
/// </remarks>
internal static class Bernoulli
{
    /// <summary>The chosen numbers of 0 … count - 1, ascending.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="probability">Probability of each, from 0 to 1.</param>
    /// <param name="stream">Randomness: one number a choice, and one more.</param>
    public static IEnumerable<long> Chosen(long count, double probability, RandomStream stream)
    {
        if (probability <= 0) yield break;
        var scale = 1 / Math.Log(1 - probability); // 0 if all are chosen
        for (var i = -1L; ;)
        {
            var gap = Math.Floor(Math.Log(1 - stream.NextDouble()) * scale);
            if (gap >= count - i - 1) yield break;
            i += 1 + (long)gap;
            yield return i;
        }
    }

    /// <summary>The chosen pairs of a group of nodes.</summary>
    /// <param name="first">First node.</param>
    /// <param name="size">Number of nodes.</param>
    /// <param name="probability">Probability of each pair, from 0 to 1.</param>
    /// <param name="stream">Randomness.</param>
    public static IEnumerable<(int A, int B)> Within(int first, int size, double probability, RandomStream stream)
    {
        // Pairs in the order (1, 0), (2, 0), (2, 1), (3, 0), …: row a begins at a(a - 1)/2.
        var row = 1L;
        foreach (var i in Chosen((long)size * (size - 1) / 2, probability, stream))
        {
            while (row * (row + 1) / 2 <= i) row++;
            yield return (first + (int)row, first + (int)(i - row * (row - 1) / 2));
        }
    }

    /// <summary>The chosen pairs of one node of a group and one of another.</summary>
    /// <param name="first">First node and number of nodes of the one.</param>
    /// <param name="second">First node and number of nodes of the other.</param>
    /// <param name="probability">Probability of each pair, from 0 to 1.</param>
    /// <param name="stream">Randomness.</param>
    public static IEnumerable<(int A, int B)> Between(
        (int First, int Size) first, (int First, int Size) second, double probability, RandomStream stream) =>
        Chosen((long)first.Size * second.Size, probability, stream)
            .Select(i => (first.First + (int)(i / second.Size), second.First + (int)(i % second.Size)));
}
