using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Records;

/// <summary>A run id is taken.</summary>
/// <param name="id">The run.</param>
/// <param name="path">Its folder.</param>
public sealed class RunExistsException(string id, string path) : ExperimentException(
    $"Run '{id}' exists in {path}; choose another id with --run ID, see it with 'flctl show {id}', "
        + "or delete the folder.");
