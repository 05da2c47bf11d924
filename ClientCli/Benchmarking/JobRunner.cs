using Orleans.FL.ClientCli.Benchmarking.Plain;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>
/// Measures jobs, one program at a time: each run is <c>flctl start --local</c> in a process of its own, as a
/// user starts it.
/// </summary>
/// <param name="announce">Receives what is measured at the moment.</param>
/// <param name="announceRound">Receives each round of a run.</param>
/// <param name="longest">How long a run may take.</param>
internal sealed class JobRunner(Action<string> announce, Action<string> announceRound, TimeSpan longest)
{
    private const string OneRound = "rounds=1";
    private static readonly string[] Float32 = [$"training.precision={TensorFormat.Full}",
        $"training.memoryFormat={TensorFormat.Contiguous}"];

    private readonly DatasetCache _data = new(DatasetLocator.Default);

    private static int Lanes => Environment.ProcessorCount; // what flctl takes by default

    /// <summary>Measures a job once.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellation">Ends what runs.</param>
    /// <exception cref="MeasurementException">A program failed; holds what it said.</exception>
    public async Task<Measurement> Measure(BenchJob job, CancellationToken cancellation)
    {
        var values = job.Work == BenchWork.ExactMean
            ? await ExactMean(job, cancellation)
            : await WholeRun(job, cancellation);
        return new Measurement(job, values);
    }

    private async Task<Dictionary<Figure, double>> WholeRun(BenchJob job, CancellationToken cancellation)
    {
        var file = JobFiles.PathOf(job);
        var operations = Operations(ExperimentReader.ReadFile(file, []));
        var before = await Probe(job, cancellation);
        var (cost, rates, seated) = await Start(job, file, [], cancellation);
        var after = await Probe(job, cancellation);
        var values = Costs(cost);
        values[Figure.SeatedSeconds] = seated;
        values[Figure.PeakRate] = Math.Max(before.Peak, after.Peak); // what is possible
        values[Figure.GemmRate] = (before.Gemm + after.Gemm) / 2;
        values[Figure.ReadRate] = (before.Read + after.Read) / 2;
        values[Figure.NewMemoryRate] = (before.New + after.New) / 2;
        foreach (var (figure, value) in rates.Figures(
            operations, values[Figure.PeakRate], values[Figure.GemmRate])) values[figure] = value;
        switch (job.Work)
        {
            case BenchWork.BesidePlainLoops:
                values[Figure.OverPlain] = values[Figure.ClientsPerSecond] / await Plain(job, file, cancellation);
                break;
            case BenchWork.BesideFloat32:
                var plain = (await Start(job, file, Float32, cancellation)).Rates;
                values[Figure.OverFloat32] = values[Figure.ImagesPerSecond] / (plain.Images / plain.Seconds);
                break;
            case BenchWork.WithoutStart:
                values[Figure.CpuPerRound] = (cost.Cpu - (await Start(job, file, [OneRound], cancellation)).Cost.Cpu)
                    / (rates.Rounds - 1);
                break;
            case BenchWork.BesideFewer:
                values[Figure.OverFewer] = rates.LaterSeconds
                    / (await Start(job, file, [.. job.FewerSet], cancellation)).Rates.LaterSeconds;
                break;
            case BenchWork.BesideSimulation:
                values[Figure.OverSimulation] = await OverSimulation(job, file, cost, cancellation);
                break;
        }
        return values;
    }

    /// <summary>Runs an experiment in a silo of its own.</summary>
    private Task<(Cost Cost, RunRates Rates, double Seated)> Start(
        BenchJob job, string file, string[] set, CancellationToken cancellation)
    {
        announce($"{job.Name}: {string.Join(' ', ["flctl start --local", .. Set(set)])}");
        return Start(file, [.. Memory(job), .. Set(set)], e => Announce(job, e), longest, cancellation);
    }

    /// <summary>Runs an experiment in a silo of its own.</summary>
    /// <param name="file">The experiment.</param>
    /// <param name="options">Further options of <c>flctl start</c>.</param>
    /// <param name="sent">Receives each event.</param>
    /// <param name="longest">How long it may take.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What it cost and did, and after how many seconds the nodes had their seats.</returns>
    /// <exception cref="GivenUpException">It took too long.</exception>
    public static async Task<(Cost Cost, RunRates Rates, double Seated)> Start(
        string file, string[] options, Action<RunEvent> sent, TimeSpan longest, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        over.CancelAfter(longest);
        var runs = Directory.CreateTempSubdirectory("orleans-fl-bench-").FullName;
        try
        {
            var (events, seated) = (new List<RunEvent>(), double.NaN);
            var cost = await Meter.Run(OwnProgram.Command(["start", "--local", "--json", "--device", "cpu", "--runs",
                runs, "--config", file, .. options]), (line, at) =>
                {
                    events.Add(RunEvent.FromJson(line));
                    if (events[^1] is SeatedEvent) seated = at;
                    sent(events[^1]);
                }, over.Token);
            var folder = events.OfType<RegisteredEvent>().First().Folder;
            var rates = RunRates.Of(events, File.ReadLines(Path.Combine(folder, "metrics.csv")),
                File.ReadLines(Path.Combine(folder, "nodes.csv")));
            return (cost, rates, seated);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new GivenUpException(
                $"Given up after {longest.TotalSeconds:0} s; --limit sets how long a run may take.");
        }
        finally
        {
            Directory.Delete(runs, recursive: true);
        }
    }

    private static string[] Memory(BenchJob job) =>
        job.StateMemory == 0 ? [] : ["--state-memory", $"{job.StateMemory}"];

    private void Announce(BenchJob job, RunEvent e)
    {
        if (e is RoundEvent r) announceRound($"{job.Name}: round {r.Round} of {r.Rounds}");
    }

    /// <summary>Processor seconds of the rounds after the first, in a silo over those without one.</summary>
    private async Task<double> OverSimulation(BenchJob job, string file, Cost whole, CancellationToken cancellation)
    {
        var simulated = await Simulate([]);
        var start = (await Start(job, file, [OneRound], cancellation)).Cost;
        return (whole.Cpu - start.Cpu) / (simulated.Cpu - (await Simulate([OneRound])).Cpu);

        Task<Cost> Simulate(string[] set)
        {
            announce($"{job.Name}: the same without a silo");
            return Meter.Run(OwnProgram.Command(["simulate", "--json", "--config", file, .. Set(set)]), null,
                cancellation);
        }
    }

    /// <summary>Clients a second of plain loops, one a lane at the same time.</summary>
    private async Task<double> Plain(BenchJob job, string file, CancellationToken cancellation)
    {
        announce($"{job.Name}: the same in plain TorchSharp");
        var lines = await Meter.RunAtOnce(OwnProgram.Command([BenchProbe.Command, BenchProbe.Plain, "--config", file,
            .. Set(job.PlainSet)]), Lanes, cancellation);
        return lines.Select(ProbeLine.Read<PlainReport>)
            .Sum(report => report.Rounds.Sum(r => r.Nodes) / report.Rounds.Sum(r => r.Seconds));
    }

    private async Task<Dictionary<Figure, double>> ExactMean(BenchJob job, CancellationToken cancellation)
    {
        announce(job.Name);
        var cost = await Meter.Run(OwnProgram.Command(BenchProbe.Command, BenchProbe.Mean), null, cancellation);
        var report = ProbeLine.Read<MeanReport>(cost.LastLine);
        return new(Costs(cost)) { [Figure.ReadRate] = report.Read, [Figure.ReadShare] = report.Mean / report.Read };
    }

    private async Task<MachineReport> Probe(BenchJob job, CancellationToken cancellation)
    {
        announce($"{job.Name}: matrix products and reads beside it");
        var cost = await Meter.Run(OwnProgram.Command(BenchProbe.Command, BenchProbe.Machine, "--lanes", $"{Lanes}"),
            null, cancellation);
        return ProbeLine.Read<MachineReport>(cost.LastLine);
    }

    private double Operations(Experiment experiment)
    {
        var data = _data.Get(experiment.Dataset);
        return TrainingOperations.OfSample(experiment.Model.Create().Products(data.Train.Shape, data.Outputs));
    }

    private static Dictionary<Figure, double> Costs(Cost cost) => new()
    {
        [Figure.Seconds] = cost.Wall,
        [Figure.CpuSeconds] = cost.Cpu,
        [Figure.PeakMiB] = cost.PeakRss / 1048576.0,
        [Figure.OtherCores] = cost.OtherCores,
    };

    private static string[] Set(IEnumerable<string> values) => [.. values.SelectMany(v => (string[])["--set", v])];
}
