using System.Buffers.Binary;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Datasets;

/// <summary>Reads IDX files of unsigned bytes (the format of MNIST), plain or as gzip.</summary>
/// <remarks>
/// The header is compared with what the caller expects before anything is allocated, so a file's own numbers never
/// decide how much memory is taken.
/// </remarks>
public static class IdxFile
{
    /// <summary>The values of a file whose sizes must be as expected.</summary>
    /// <param name="folder">Folder of the file.</param>
    /// <param name="name">Name of the file without <c>.gz</c>.</param>
    /// <param name="sizes">Size of each dimension.</param>
    /// <param name="dataset">Name of the dataset, for the remedy in error messages.</param>
    /// <returns>The values, last dimension fastest.</returns>
    /// <exception cref="ExperimentException">The file is not that; names file, offset, expected and found.</exception>
    public static byte[] Read(string folder, string name, IReadOnlyList<int> sizes, string dataset)
    {
        using var file = DataFile.Open(folder, name, dataset);
        ReadHeader(file, sizes);
        var length = checked((int)sizes.Aggregate(1L, (n, size) => n * size));
        var end = file.Offset + length;
        if (file.Length != end) throw file.WrongLength(end);
        var values = new byte[length];
        file.ReadExactly(values, "values");
        file.ReadEnd();
        return values;
    }

    /// <summary>The labels of a file, each below the number of classes.</summary>
    /// <param name="folder">Folder of the file.</param>
    /// <param name="name">Name of the file without <c>.gz</c>.</param>
    /// <param name="count">Number of labels.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="dataset">Name of the dataset, for the remedy in error messages.</param>
    /// <exception cref="ExperimentException">The file is not that; names file, offset, expected and found.</exception>
    public static int[] ReadLabels(string folder, string name, int count, int classes, string dataset)
    {
        var labels = Read(folder, name, [count], dataset);
        var wrong = labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)Math.Min(classes - 1, byte.MaxValue));
        if (wrong < 0) return Array.ConvertAll(labels, label => (int)label);
        using var file = DataFile.Open(folder, name, dataset);
        throw file.Invalid(8 + wrong, $"a label from 0 to {classes - 1}", $"{labels[wrong]}");
    }

    private static void ReadHeader(DataFile file, IReadOnlyList<int> sizes)
    {
        Span<byte> word = stackalloc byte[4];
        file.ReadExactly(word, "magic number");
        var magic = BinaryPrimitives.ReadUInt32BigEndian(word);
        // Two zero bytes, 08 for unsigned bytes, the number of dimensions.
        var expected = 0x0800u + (uint)sizes.Count;
        if (magic != expected) throw file.Invalid(0, $"magic number 0x{expected:X8}", $"0x{magic:X8}");
        foreach (var size in sizes)
        {
            var offset = file.Offset;
            file.ReadExactly(word, "sizes");
            var found = BinaryPrimitives.ReadUInt32BigEndian(word);
            if (found != size) throw file.Invalid(offset, $"size {size}", $"{found}");
        }
    }
}
