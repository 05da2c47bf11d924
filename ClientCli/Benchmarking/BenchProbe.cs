namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>Names of what <c>flctl bench</c> measures in processes of their own, beside the jobs.</summary>
internal static class BenchProbe
{
    /// <summary>The command that does; not shown by <c>--help</c>.</summary>
    public const string Command = "bench-probe";

    /// <summary>Matrix products and reads of memory.</summary>
    public const string Machine = "machine";

    /// <summary>The exact mean.</summary>
    public const string Mean = "mean";

    /// <summary>The plain loop.</summary>
    public const string Plain = "plain";
}
