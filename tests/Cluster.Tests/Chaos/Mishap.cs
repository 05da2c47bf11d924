namespace Orleans.FL.Cluster.Tests.Chaos;

/// <summary>What befalls a silo, and when: all of it follows from a seed.</summary>
/// <param name="seed">The seed.</param>
internal sealed class Mishap(int seed)
{
    /// <summary>
    /// The moments, each in turn: the first seconds after the start was answered, a phase of some round, between two
    /// rounds, the end.
    /// </summary>
    public const int Moments = 4;

    private const int FirstMilliseconds = 2000;
    private static readonly string[] Phases = ["train", "exchange 1", "exchange 2", "test"];

    /// <summary>Rounds between checkpoints.</summary>
    public int Every => 1 + (seed % 2 * 2);

    /// <summary>The database.</summary>
    public string Clustering => seed % 2 == 0 ? "postgres" : "redis";

    /// <summary>The silo: nobody says whether it coordinates.</summary>
    public int Victim => ChaosCluster.Choose(seed, "victim", 3);

    private bool Hangs => seed / Moments % 2 == (seed % Moments == 1 ? 0 : 1);

    /// <summary>Waits for the moment.</summary>
    /// <param name="watcher">Watches the run.</param>
    public async Task Comes(RunningProgram watcher)
    {
        if (seed % Moments == 0)
        {
            await Outages.Last(TimeSpan.FromMilliseconds(1 + ChaosCluster.Choose(seed, "wait", FirstMilliseconds)));
            return;
        }
        var rounds = seed % Moments == 3 ? 60 : 1 + ChaosCluster.Choose(seed, "moment", 30);
        for (var round = 0; round < rounds; round++) await watcher.Line("\"event\":\"round\"");
        if (seed % Moments == 1)
            await watcher.Line($"\"phase\":\"{Phases[ChaosCluster.Choose(seed, "phase", Phases.Length)]}\"");
    }

    /// <summary>It happens: the silo is killed and comes back, or does not; or it hangs for a while.</summary>
    /// <param name="silo">The silo.</param>
    public async Task Befalls(SiloProgram silo)
    {
        if (!Hangs)
        {
            silo.Program.Kill();
            if (ChaosCluster.Choose(seed, "back", 2) == 1) await silo.Restart();
            return;
        }
        silo.Program.Freeze();
        await Outages.Last(TimeSpan.FromSeconds(1 + ChaosCluster.Choose(seed, "hang", 25)));
        silo.Program.Thaw();
    }
}
