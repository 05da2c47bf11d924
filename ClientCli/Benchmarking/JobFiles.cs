using Orleans.FL.ClientCli.Benchmarking.Probes;

namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>
/// The experiment files of the jobs: <c>benchmarks/jobs</c> of the clone, shipped beside the program.
/// </summary>
internal static class JobFiles
{
    /// <summary>Full path of a job's file.</summary>
    /// <param name="job">A job that has one.</param>
    /// <exception cref="MeasurementException">It was not shipped.</exception>
    public static string PathOf(BenchJob job)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "jobs", job.File
            ?? throw new ArgumentException($"The job {job.Name} has no file.", nameof(job)));
        return File.Exists(path)
            ? path
            : throw new MeasurementException($"The job's file {path} is missing; build flctl again.");
    }
}
