using System.Buffers;
using System.IO.Pipelines;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Counts the bytes that are taken from a reader.</summary>
/// <param name="reader">The reader.</param>
/// <param name="traffic">The counts.</param>
internal sealed class CountedReader(PipeReader reader, SiloTraffic traffic) : PipeReader
{
    private ReadOnlySequence<byte> _read;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var result = await reader.ReadAsync(cancellationToken);
        _read = result.Buffer;
        return result;
    }

    public override bool TryRead(out ReadResult result)
    {
        var read = reader.TryRead(out result);
        if (read) _read = result.Buffer;
        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        traffic.WireReceived(_read.Slice(_read.Start, consumed).Length);
        _read = default;
        reader.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => reader.CancelPendingRead();

    public override void Complete(Exception? exception = null) => reader.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => reader.CompleteAsync(exception);
}
