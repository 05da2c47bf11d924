using Orleans.FL.ClientCli.Runs;
using Orleans.FL.Learning.Datasets.Fetching;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>A line for each step of fetching a dataset.</summary>
/// <param name="write">Receives the lines.</param>
internal sealed class FetchLines(Action<string> write) : IProgress<FetchProgress>
{
    private string? _step;

    /// <inheritdoc/>
    public void Report(FetchProgress value)
    {
        if (value.Step == _step) return;
        _step = value.Step;
        write(value.Total is { } total ? $"{value.Step} ({RunText.Bytes(total)})" : value.Step);
    }
}
