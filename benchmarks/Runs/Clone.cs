using Orleans.FL.ClientCli.Benchmarking.Probes;

namespace Orleans.FL.Benchmarks.Runs;

/// <summary>The clone that the program was built in.</summary>
internal static class Clone
{
    /// <summary>Its root.</summary>
    /// <exception cref="MeasurementException">The program was moved out of it.</exception>
    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Orleans.FL.sln"))) return folder.FullName;
        throw new MeasurementException("The clone was not found above the program; run it from where it was built.");
    }
}
