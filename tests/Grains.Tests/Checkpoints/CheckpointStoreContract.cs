using System.Security.Cryptography;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests.Checkpoints;

/// <summary>What every store of checkpoints must do; each has a class that derives from this one.</summary>
public abstract partial class CheckpointStoreContract
{
    private const int Limit = 60_000;
    private const string Experiment = "0123abcd";

    /// <summary>A run of its own for each test.</summary>
    protected string Run { get; } = $"run-{Guid.NewGuid():N}";

    /// <summary>Another process's access to the same store.</summary>
    protected abstract ICheckpointStore Open();

    /// <summary>Flips a bit of a stored blob.</summary>
    protected abstract Task FlipBlob(string sha256);

    /// <summary>Cuts the end of a stored blob off.</summary>
    protected abstract Task TearBlob(string sha256);

    /// <summary>Changes a stored manifest behind the store's back.</summary>
    protected abstract Task ChangeCommit(int round, Func<byte[], byte[]> change);

    /// <summary>Flips a bit of a stored line of the journal, counted from 0.</summary>
    protected Task FlipLine(int index) => ChangeLines(lines =>
    {
        lines[index][^1] ^= 1;
        return lines;
    });

    /// <summary>Changes the stored lines of the journal behind the store's back.</summary>
    protected abstract Task ChangeLines(Func<List<byte[]>, IReadOnlyList<byte[]>> change);

    protected static string Name(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    protected static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++) bytes[i] = (byte)((i * 31) + (i >> 8) + length);
        return bytes;
    }

    protected async Task<string> Write(ICheckpointStore store, byte[] bytes)
    {
        await store.WriteBlob(Run, Name(bytes), bytes);
        return Name(bytes);
    }

    /// <summary>Two nodes with the same state after a round.</summary>
    protected async Task<CheckpointManifest> Snapshot(int round) => new(Run, Experiment, round,
        await new NodeSnapshots(Open()).Write(Run, [(0, State(round)), (1, State(round))]));

    protected static LearnerState State(int round) => LearnerState.Of(Vector(round, 20)) with { Round = round - 1 };

    protected static ParameterVector Vector(int seed, int length) =>
        ParameterVector.Own([.. Enumerable.Range(0, length)
            .Select(i => i == 3 ? float.NaN : i == 4 ? -0f : (float)Math.Sin((seed * 1000) + i))]);

    protected static void AssertSame(LearnerState expected, LearnerState found)
    {
        Assert.Equal(expected.Round, found.Round);
        Assert.Equal(expected.Weights, found.Weights);
        Assert.Equal(expected.Memory.OrderBy(m => m.Key, StringComparer.Ordinal), found.Memory);
        Assert.Equal(expected.Optimizer, found.Optimizer);
    }
}
