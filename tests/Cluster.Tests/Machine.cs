namespace Orleans.FL.Cluster.Tests;

/// <summary>Where a program runs.</summary>
/// <param name="Address">Address that others reach it by.</param>
/// <param name="Within">What a command there begins with; empty for the machine of the tests.</param>
internal sealed record Machine(string Address, params string[] Within)
{
    /// <summary>The machine of the tests, on loopback.</summary>
    public static Machine Here { get; } = new("127.0.0.1");
}
