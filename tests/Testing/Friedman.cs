using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Testing;

/// <summary>The regression example of <c>experiments/</c>: 400 rows of ten columns and a number.</summary>
public static class Friedman
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "experiments", "regression");

    /// <summary>The table.</summary>
    public static string File => Path.Combine(Folder, "friedman.csv");

    /// <summary>Linear regression by FedAvg, eight nodes; overrides as <c>flctl --set</c> takes them.</summary>
    /// <param name="overrides">Entries <c>path=value</c>.</param>
    public static Experiment Experiment(params string[] overrides) =>
        ExperimentReader.ReadFile(Path.Combine(Folder, "friedman-linear.json"), overrides);
}
