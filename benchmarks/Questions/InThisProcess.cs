using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Orleans.FL.Benchmarks.Questions;

/// <summary>
/// Runs the questions in this process: a generated project would bring a copy of libtorch for each of them.
/// </summary>
internal sealed class InThisProcess : ManualConfig
{
    public InThisProcess()
    {
        Add(DefaultConfig.Instance);
        AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
        WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "results"));
        WithOptions(ConfigOptions.JoinSummary);
    }
}
