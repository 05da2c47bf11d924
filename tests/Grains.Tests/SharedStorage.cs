using System.Collections.Concurrent;
using Orleans.Serialization;
using Orleans.Storage;

namespace Orleans.FL.Grains.Tests;

/// <summary>Grain state that outlives the silos of a test cluster, as a database does; one for all of them.</summary>
/// <param name="states">What is stored, serialised.</param>
/// <param name="serializer">Copies states.</param>
internal sealed class SharedStorage(
    ConcurrentDictionary<string, (byte[] State, string Tag)> states, Serializer serializer) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (!states.TryGetValue($"{grainId}/{stateName}", out var stored)) return Task.CompletedTask;
        (grainState.State, grainState.ETag, grainState.RecordExists) =
            (serializer.Deserialize<T>(stored.State), stored.Tag, true);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = $"{grainId}/{stateName}";
        if (states.TryGetValue(key, out var stored) && stored.Tag != grainState.ETag)
            throw new InconsistentStateException($"{key} was written by another activation.", stored.Tag,
                grainState.ETag);
        var tag = $"{(grainState.ETag is null ? 0 : int.Parse(grainState.ETag)) + 1}";
        states[key] = (serializer.SerializeToArray(grainState.State), tag);
        (grainState.ETag, grainState.RecordExists) = (tag, true);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        states.TryRemove($"{grainId}/{stateName}", out _);
        return Task.CompletedTask;
    }
}
