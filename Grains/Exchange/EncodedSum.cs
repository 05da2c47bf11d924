using System.Buffers;
using System.IO.Hashing;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Bytes that are written once and then read in chunks: no piece of memory is longer than a chunk.</summary>
internal sealed class EncodedSum : IBufferWriter<byte>
{
    private readonly List<byte[]> _chunks = [];
    private readonly XxHash128 _hash = new();
    private byte[] _scratch = new byte[32 << 10];

    /// <summary>Number of bytes.</summary>
    public long Length { get; private set; }

    /// <summary>XxHash128 of all of them.</summary>
    public UInt128 Hash => _hash.GetCurrentHashAsUInt128();

    /// <summary>The chunk at an offset, which is a multiple of a chunk's length.</summary>
    public ReadOnlyMemory<byte> At(long offset) =>
        _chunks[(int)(offset / UpdateReader.ChunkBytes)]
            .AsMemory(0, (int)Math.Min(UpdateReader.ChunkBytes, Length - offset));

    public void Advance(int count)
    {
        _hash.Append(_scratch.AsSpan(0, count));
        for (var done = 0; done < count;)
        {
            var at = (int)(Length % UpdateReader.ChunkBytes);
            if (at == 0) _chunks.Add(GC.AllocateUninitializedArray<byte>(UpdateReader.ChunkBytes));
            var piece = Math.Min(count - done, UpdateReader.ChunkBytes - at);
            _scratch.AsSpan(done, piece).CopyTo(_chunks[^1].AsSpan(at));
            done += piece;
            Length += piece;
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_scratch.Length < sizeHint) _scratch = new byte[sizeHint];
        return _scratch;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
