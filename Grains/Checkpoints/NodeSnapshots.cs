using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Grains.Checkpoints;

/// <summary>Turns states of nodes into blobs, and blobs into states: one for all nodes of a silo.</summary>
/// <remarks>
/// Nodes of a silo often share the very vector, and vectors often stay as they were for rounds: each is hashed once in
/// its life, by reference, and written once. Safe to use from several threads.
/// </remarks>
/// <param name="store">Where the blobs are.</param>
public sealed class NodeSnapshots(ICheckpointStore store)
{
    private const int Threads = 2;

    private readonly ConditionalWeakTable<ParameterVector, string> _hashes = [];
    private readonly SharedVectors _restored = new();

    /// <summary>Writes the states of nodes at the end of a round.</summary>
    /// <param name="run">Run id; was claimed.</param>
    /// <param name="nodes">Ranks and states. <see cref="LearnerState.RoundStart"/> is not kept.</param>
    /// <returns>One snapshot a node, in the order given; all of their blobs are durable.</returns>
    /// <exception cref="CheckpointException">A blob could not be written.</exception>
    public async Task<NodeSnapshot[]> Write(string run, IReadOnlyList<(int Node, LearnerState State)> nodes)
    {
        var vectors = nodes.SelectMany(n => VectorsOf(n.State))
            .ToHashSet<ParameterVector>(ReferenceEqualityComparer.Instance);
        var written = new Dictionary<string, Task>();
        await Parallel.ForEachAsync(vectors,
            new ParallelOptions { MaxDegreeOfParallelism = Threads }, async (vector, _) =>
            {
                var name = Name(vector);
                Task writing;
                lock (written)
                    if (!written.TryGetValue(name, out writing!))
                        written[name] = writing = WriteOnce(run, name, vector);
                await writing;
            });
        return [.. nodes.Select(n => Snapshot(n.Node, n.State))];
    }

    /// <summary>Reads the state of a node back.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="snapshot">What <see cref="Write"/> gave.</param>
    /// <param name="length">Number of values of the weights.</param>
    /// <param name="trainableLength">How many of them are trained: the length of moments, and of some remembered
    /// vectors.</param>
    /// <returns>The state; its round begins with its weights. Nodes that share a blob share the vector.</returns>
    /// <exception cref="DamagedCheckpointException">A blob is missing, damaged or of a length that does not fit the
    /// run; a damaged one is let go of, so that it can be written again. An earlier checkpoint may do.</exception>
    /// <exception cref="CheckpointException">The store cannot be reached.</exception>
    public async Task<LearnerState> Read(string run, NodeSnapshot snapshot, int length, int trainableLength)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        try
        {
            var weights = await Vector(run, "the weights", snapshot.Weights, length, length);
            var memory = new SortedDictionary<string, ParameterVector>(StringComparer.Ordinal);
            foreach (var (name, blob) in snapshot.Memory)
                memory[name] = LearnerState.IsNumbers(name)
                    ? await Vector(run, $"its '{name}'", blob, blob.Length, blob.Length)
                    : await Vector(run, $"its '{name}'", blob, length, trainableLength);
            var first = snapshot.First is { } f
                ? await Vector(run, "the first moments", f, trainableLength, trainableLength)
                : null;
            var second = snapshot.Second is { } s
                ? await Vector(run, "the second moments", s, trainableLength, trainableLength)
                : null;
            return new LearnerState(snapshot.Round, weights, weights, memory,
                new OptimizerState(snapshot.Steps, first, second));
        }
        catch (CheckpointException e)
        {
            var sentence = $"Node {snapshot.Node} of run '{run}' cannot be restored to the end of round "
                + $"{snapshot.Round + 1}: {e.Message}";
            throw e is DamagedCheckpointException
                ? new DamagedCheckpointException(sentence, e)
                : new CheckpointException(sentence, e);
        }
    }

    private static IEnumerable<ParameterVector> VectorsOf(LearnerState state)
    {
        yield return state.Weights;
        foreach (var vector in state.Memory.Values) yield return vector;
        if (state.Optimizer.First is { } first) yield return first;
        if (state.Optimizer.Second is { } second) yield return second;
    }

    private string Name(ParameterVector vector)
    {
        if (_hashes.TryGetValue(vector, out var known)) return known;
        if (vector.Length > BlobRef.MaxLength)
            throw new CheckpointException(
                $"A vector of {vector.Length} values is too long to be stored; at most {BlobRef.MaxLength}.");
        var name = Hash(FloatBytes.Of(vector).Span);
        _hashes.AddOrUpdate(vector, name);
        return name;
    }

    private NodeSnapshot Snapshot(int node, LearnerState state)
    {
        var memory = new SortedDictionary<string, BlobRef>(StringComparer.Ordinal);
        foreach (var (name, vector) in state.Memory) memory[name] = Ref(vector);
        var (first, second) = (state.Optimizer.First, state.Optimizer.Second);
        return new NodeSnapshot(node, state.Round, Ref(state.Weights), memory, state.Optimizer.Steps,
            first is null ? null : Ref(first), second is null ? null : Ref(second));
    }

    private BlobRef Ref(ParameterVector vector) => new(Name(vector), vector.Length);

    private async Task WriteOnce(string run, string name, ParameterVector vector)
    {
        if (!await store.HasBlob(run, name)) await store.WriteBlob(run, name, FloatBytes.Of(vector));
    }

    private async Task<ParameterVector> Vector(string run, string what, BlobRef blob, int length, int otherLength)
    {
        if (!BlobName.IsValid(blob.Sha256))
            throw new DamagedCheckpointException($"{what} have no name that could be a blob's.");
        if (blob.Length is < 0 or > BlobRef.MaxLength || (blob.Length != length && blob.Length != otherLength))
            throw new DamagedCheckpointException($"{what} have {blob.Length} values where the run has {length}.");
        return await _restored.Get((run, blob), () => Load(run, blob));
    }

    private async Task<ParameterVector> Load(string run, BlobRef blob)
    {
        var values = FloatPool.Of(blob.Length);
        var bytes = new FloatBytes(values).Memory;
        try
        {
            await store.ReadBlob(run, blob.Sha256, bytes);
        }
        catch (DamagedCheckpointException)
        {
            await Drop(run, blob); // one of another length is no use to anybody
            throw;
        }
        var found = await Task.Run(() => Hash(bytes.Span));
        if (found != blob.Sha256)
        {
            await Drop(run, blob);
            throw new DamagedCheckpointException(
                $"the blob {blob.Sha256} in {store.Name} is damaged: its SHA-256 is {found}.");
        }
        var vector = ParameterVector.Own(values);
        _hashes.AddOrUpdate(vector, blob.Sha256);
        return vector;
    }

    private async Task Drop(string run, BlobRef blob)
    {
        try
        {
            await store.DropBlob(run, blob.Sha256);
        }
        catch (CheckpointException)
        {
            // What is wrong with the blob is what its reader wants to know.
        }
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
