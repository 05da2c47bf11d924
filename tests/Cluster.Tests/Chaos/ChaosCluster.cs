using System.Text.Json;
using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Cluster.Tests.Chaos;

/// <summary>
/// Silos on a database, each with a folder of its own as on a machine of its own, and one run on them.
/// </summary>
/// <param name="bench">Where the programs work.</param>
/// <param name="clustering">What the database is.</param>
/// <param name="database">Its connection string.</param>
internal sealed class ChaosCluster(Workbench bench, string clustering, string database) : IAsyncDisposable
{
    /// <summary>A run of this test suite may take so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly List<SiloProgram> _silos = [];

    public IReadOnlyList<SiloProgram> Silos => _silos;

    /// <summary>Starts silos, one after the other.</summary>
    /// <param name="count">How many.</param>
    /// <param name="flags">Flags of all of them.</param>
    public async Task Add(int count, params string[] flags)
    {
        for (var i = 0; i < count; i++)
            _silos.Add(await SiloProgram.Start(bench, clustering, database,
                [.. flags, "--name", $"silo-{_silos.Count}", "--runs", $"runs-{Guid.CreateVersion7():N}"]));
    }

    /// <summary>Starts an experiment and leaves it to the silos.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="set">Values that differ from the file's.</param>
    public async Task Begin(string run, params string[] set)
    {
        var (code, output, error) = await bench.Run(["start", "toy.json", "--detach", "--run", run, "--silo",
            _silos[0].Gateway, .. set.SelectMany(s => (string[])["--set", s])]);
        Assert.True(code == 0, string.Join('\n', [.. output, .. error]));
    }

    /// <summary>Shows a run as one silo reports it.</summary>
    public RunningProgram Watch(string run, int silo) =>
        bench.Flctl("watch", run, "--silo", _silos[silo].Gateway, "--json");

    /// <summary>The silo on which the run is coordinated: the last one that said that the run begins.</summary>
    public int Coordinator(string run) =>
        Enumerable.Range(0, _silos.Count)
            .Last(i => _silos[i].Program.Output.Any(l => l.Contains($"Run {run} begins", StringComparison.Ordinal)));

    /// <summary>
    /// Waits for the end of a run, by watching it from one silo, and holds it against a run that nothing happened to.
    /// </summary>
    /// <param name="watcher">The program that watches.</param>
    /// <param name="undisturbed">Events of <c>flctl simulate</c> with the same settings.</param>
    public static Task<JsonElement[]> SameBytes(RunningProgram watcher, JsonElement undisturbed) =>
        SameBytes(watcher, _ => Task.FromResult(undisturbed));

    /// <summary>
    /// Waits for the end of a run, by watching it from one silo, and holds it against a run that nothing happened to.
    /// </summary>
    /// <param name="watcher">The program that watches.</param>
    /// <param name="repeat">Gives the last event of <c>flctl simulate</c> for that of the run.</param>
    public static async Task<JsonElement[]> SameBytes(
        RunningProgram watcher, Func<JsonElement, Task<JsonElement>> repeat)
    {
        var code = await watcher.End(Patience);
        var events = watcher.Output.Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement)
            .Where(e => Name(e) != "progress").ToArray();
        Assert.True(code == 0, string.Join('\n', watcher.Output.TakeLast(5).Concat(watcher.Error)));
        var undisturbed = await repeat(events[^1]);
        Assert.Equal(undisturbed.GetProperty("weightsSha256").GetString(),
            events[^1].GetProperty("weightsSha256").GetString());
        Assert.Equal(Enumerable.Range(0, events.Length), events.Select(e => e.GetProperty("sequence").GetInt32()));
        var rounds = events.Where(e => Name(e) == "round").ToArray();
        Assert.Equal(Enumerable.Range(1, rounds.Length), rounds.Select(r => r.GetProperty("round").GetInt32()));
        Assert.All(rounds, r => Assert.Equal(r.GetProperty("nodes").GetInt32(), r.GetProperty("present").GetInt32()));
        Assert.Equal(undisturbed.GetProperty("testAccuracy").GetDouble(),
            events[^1].GetProperty("testAccuracy").GetDouble());
        return events;
    }

    /// <summary>
    /// Rounds that were done again, at the most, at each new seating: those recorded before it that it does not count.
    /// </summary>
    public static int MostRepeated(JsonElement[] events)
    {
        var (most, recorded) = (0, 0);
        foreach (var e in events)
        {
            if (Name(e) == "round") recorded = e.GetProperty("round").GetInt32();
            if (Name(e) == "reseated") most = Math.Max(most, recorded - e.GetProperty("round").GetInt32());
        }
        return most;
    }

    public static string? Name(JsonElement e) => e.GetProperty("event").GetString();

    /// <summary>A number that a seed gives, the same each time.</summary>
    public static int Choose(int seed, string what, int choices) => new Seeds(seed).Stream(what).NextInt(choices);

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos) await silo.DisposeAsync();
    }
}
