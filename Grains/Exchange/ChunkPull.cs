using System.IO.Hashing;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;
using Orleans.Runtime.Messaging;

namespace Orleans.FL.Grains.Exchange;

/// <summary>
/// Pulls something published chunk by chunk, in order, with several under way; goes on from where a call failed.
/// </summary>
/// <param name="window">Chunks under way in this silo.</param>
/// <param name="size">Chunks that one pull has under way, at most.</param>
/// <param name="traffic">Counts what comes.</param>
/// <param name="calls">How a chunk is asked for; see <see cref="Calls"/>.</param>
internal sealed class ChunkPull(TransferWindow window, int size, SiloTraffic traffic, LongCall calls)
{
    /// <summary>
    /// Waits before a chunk is asked for again: a minute in all, in which a silo is declared dead or comes back.
    /// </summary>
    private static readonly TimeSpan[] Pauses = [.. new[] { 0.5, 1.5, 4, 8, 16, 30 }.Select(TimeSpan.FromSeconds)];

    /// <summary>How the pulls of a silo ask for chunks.</summary>
    /// <param name="time">The clock.</param>
    public static LongCall Calls(TimeProvider time) => new(time, MayPass, Pauses);

    /// <summary>Pulls.</summary>
    /// <param name="sender">Who sends, as a sentence begins.</param>
    /// <param name="read">Asks for the chunk at an offset.</param>
    /// <param name="begin">Looks at the first chunk; throws if it is not what is wanted.</param>
    /// <param name="take">Takes a chunk that begins at an offset; chunks come in order.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidDataException">What comes contradicts itself.</exception>
    public async Task<PulledBytes> Run(string sender, Func<long, Task<WeightChunk>> read, Action<WeightChunk> begin,
        Func<WeightChunk, long, ValueTask> take, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var open = new Queue<Task<WeightChunk>>();
        try
        {
            var hash = new XxHash128();
            long total = 0, filled = 0;
            UInt128 sent;
            using (var first = await Ask(sender, read, 0, over.Token))
            {
                begin(first);
                total = first.TotalBytes;
                sent = first.Hash ?? throw new InvalidDataException($"{sender} sends no hash of its {total} bytes.");
                await Take(first);
            }
            for (var asked = filled; filled < total;)
            {
                for (; asked < total && open.Count < size; asked += UpdateReader.ChunkBytes)
                    open.Enqueue(Ask(sender, read, asked, over.Token));
                using var next = await open.Dequeue();
                await Take(next);
            }
            return new PulledBytes(sent, hash.GetCurrentHashAsUInt128(), total);

            async ValueTask Take(WeightChunk chunk)
            {
                var length = chunk.Bytes.Length;
                if (chunk.TotalBytes != total || length != Math.Min(UpdateReader.ChunkBytes, total - filled))
                    throw new InvalidDataException($"{sender} sent {length} bytes at {filled} of {total}.");
                hash.Append(chunk.Bytes);
                await take(chunk, filled);
                filled += length;
            }
        }
        finally
        {
            await over.CancelAsync();
            foreach (var unwanted in open) Discard(unwanted);
        }
    }

    private static void Discard(Task<WeightChunk> unwanted) => unwanted.ContinueWith(static t =>
    {
        if (t.IsCompletedSuccessfully) t.Result.Dispose();
        else _ = t.Exception; // seen
    }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private Task<WeightChunk> Ask(
        string sender, Func<long, Task<WeightChunk>> read, long offset, CancellationToken cancellation) =>
        calls.Ask(async () =>
        {
            await window.Enter(this, cancellation);
            try
            {
                var chunk = await Answer(read(offset), cancellation);
                traffic.PayloadReceived(chunk.Bytes.Length);
                return chunk;
            }
            catch (InvalidDataException e)
            {
                // the codec refused it
                throw new InvalidDataException($"{sender} sent what is no chunk: {e.Message}", e);
            }
            finally
            {
                window.Exit();
            }
        }, cancellation);

    private static async Task<WeightChunk> Answer(Task<WeightChunk> call, CancellationToken cancellation)
    {
        try
        {
            return await call.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            Discard(call);
            throw;
        }
    }

    /// <summary>
    /// Whether asking again may help: the connection or the silo was lost, or slow. What a peer refuses, it
    /// refuses for good.
    /// </summary>
    internal static bool MayPass(Exception e) =>
        e is TimeoutException or SiloUnavailableException or OrleansMessageRejectionException
            or ConnectionFailedException;
}

/// <summary>What a pull brought.</summary>
/// <param name="Sent">Hash that the publisher sent.</param>
/// <param name="Found">Hash of what came.</param>
/// <param name="Bytes">Bytes that came.</param>
internal readonly record struct PulledBytes(UInt128 Sent, UInt128 Found, long Bytes)
{
    /// <summary>Whether what came is what was published.</summary>
    public bool Whole => Sent == Found;
}
