namespace Orleans.FL.Cluster.Tests.Chaos;

/// <summary>
/// How long things are away: short wherever the tests run, in full where <c>ORLEANS_FL_CHAOS_FULL=1</c> asks for it.
/// </summary>
internal static class Outages
{
    /// <summary>Whether they last as long as the promises say, and all cases are tried.</summary>
    public static bool Full { get; } = Environment.GetEnvironmentVariable("ORLEANS_FL_CHAOS_FULL") == "1";

    /// <summary>Time that a database is away.</summary>
    public static TimeSpan Database { get; } = TimeSpan.FromSeconds(Full ? 30 : 10);

    /// <summary>Time that a silo hangs, at the least; it also hangs until the others go on without it.</summary>
    public static TimeSpan Hang { get; } = TimeSpan.FromSeconds(Full ? 60 : 1);

    /// <summary>
    /// Time that a link is cut: long enough in every case for the silo behind it to be counted as dead.
    /// </summary>
    public static TimeSpan Link { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Rounds of a run that is to last longer than a hang.</summary>
    public static int Rounds { get; } = Full ? 400 : 100;

    /// <summary>Waits until an outage is over: what such tests are about.</summary>
    public static async Task Last(TimeSpan outage)
    {
        using var timer = new PeriodicTimer(outage);
        await timer.WaitForNextTickAsync();
    }
}
