using System.Text.Json;
using Orleans.FL.ClientCli.Benchmarking;
using Orleans.FL.ClientCli.Commands;
using Orleans.FL.ClientCli.Output;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Benchmarking;

public sealed class BenchCommandTests
{
    [Theory(Timeout = 30_000)]
    [InlineData]
    [InlineData("list")]
    [InlineData("list", "--markdown")]
    public async Task Jobs_are_listed_with_their_targets(params string[] args)
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run(["bench", .. args]));
        foreach (var job in BenchJob.All) Assert.Contains(job.Name, shell.Output);
        Assert.Contains("430 clients/s", shell.Output);
    }

    [Fact(Timeout = 30_000)]
    public async Task As_json_the_list_is_one_object_a_job()
    {
        var shell = new Shell();

        await shell.Run("bench", "list", "--json");

        Assert.Equal(BenchJob.All.Select(j => j.Name),
            shell.OutputLines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("job").GetString()));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_missing_baseline_is_reported_before_anything_runs()
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Failed, await shell.Run("bench", "all", "--baseline", "/no/such/file.json"));

        Assert.Contains("--save-baseline", Assert.Single(shell.ErrorLines));
    }

    [Theory]
    [InlineData("fashion-mnist", "ring-8", "exact-mean")]
    [InlineData("", "exact-mean")]
    [InlineData("fashion-mnist digits", "sizes")]
    [InlineData("fashion-mnist digits", "all")]
    public void What_a_bench_needs_is_known_before_it_begins_and_fetched(string datasets, params string[] names) =>
        Assert.Equal(datasets, string.Join(' ', new BenchCommand.Settings { Names = names }.Datasets));

    [Fact(Timeout = 30_000)]
    public async Task A_plot_is_of_sizes_alone()
    {
        var shell = new Shell();

        Assert.NotEqual(ExitCode.Done, await shell.Run("bench", "small", "--plot", "sizes.svg"));

        Assert.Contains(shell.ErrorLines, line => line.Contains("'sizes'"));
    }

    [Fact]
    public void Costs_against_size_are_reported_per_node_and_per_received_byte_and_drawn()
    {
        SizePoint[] byNodes = [new(10, 31_400, 4, 0.01, 200 << 20), new(1_000, 31_400, 4, 0.1, 300 << 20)];
        SizePoint[] byModel = [new(8, 8_000, 2, 0.002, 200 << 20), new(8, 250_000_000, 2, 6, 4L << 30)];
        var file = Path.GetTempFileName();

        // 0.1 s over 1,000 nodes; over 1,000 · 31.4 kB · 5; 100 MiB over 1,000 nodes.
        Assert.Equal(["1,000", "31 kB", "0.100", "100", "637", "300", "104.9"], SizeReport.Table(byNodes).Rows[1]);
        Assert.Equal(["8", "250 MB", "6.000", "750,000", "1,000", "4,096", "510,656.5"],
            SizeReport.Table(byModel).Rows[1]);
        SizeReport.Plot(byNodes, byModel, file);
        Assert.Contains("bytes of the weights of all nodes", File.ReadAllText(file));
        File.Delete(file);
    }

    [Fact(Timeout = 30_000)]
    public async Task The_probes_do_not_clutter_the_help()
    {
        var shell = new Shell();

        await shell.Run("--help");

        Assert.Contains("bench", shell.Output);
        Assert.DoesNotContain(BenchProbe.Command, shell.Output);
    }

    [Fact]
    public void A_row_says_what_was_measured_and_whether_it_is_enough()
    {
        var job = new BenchJob("toy", BenchWork.Run, "A toy.", new(Figure.ClientsPerSecond, 430),
            new(Figure.Seconds, 3.5, "a rival: 3.7 s"), new(Figure.OverPlain, 3));
        var measurement = new Measurement(job,
            new Dictionary<Figure, double> { [Figure.ClientsPerSecond] = 1_234.4, [Figure.Seconds] = 3.6 });

        Assert.Equal(
            [
                "| job | measured | target | reached | compared with |",
                "|---|---|---|---|---|",
                "| toy | 1,234 clients/s | ≥ 430 clients/s | yes |  |",
                "| toy | 3.6 s from command to exit | ≤ 3.5 s from command to exit | no | a rival: 3.7 s |",
                "| toy | – × the clients/s of plain TorchSharp | ≥ 3.00 × the clients/s of plain TorchSharp | no |  |",
            ],
            BenchTable.OfTargets([measurement]).Markdown());
    }

    [Theory]
    [InlineData(0.05, "toy")]
    [InlineData(0.11, "toy †")]
    public void Figures_taken_while_others_used_the_cores_are_marked(double others, string name)
    {
        var job = new BenchJob("toy", BenchWork.Run, "A toy.", new Target(Figure.PeakShare, 0.55));
        var measurement = new Measurement(job,
            new Dictionary<Figure, double> { [Figure.PeakShare] = 0.4, [Figure.OtherCores] = others });

        Assert.Equal(name, BenchTable.OfCosts([measurement]).Rows[0][0]);
        Assert.Equal($"40 % of the FMA peak{name[3..]}", BenchTable.OfTargets([measurement]).Rows[0][1]);
    }

    [Fact]
    public void What_is_compared_is_measured_in_turns() => Assert.Equal(
        ["cnn-bf16", "cnn-channels-last", "overhead-cnn", "overhead-mlp", "ring-16", "ring-8", "sampled-1000000",
            "thousand-mlp"], BenchJob.All.Where(j => j.Turns == 2).Select(j => j.Name).Order());

    [Fact]
    public void A_json_line_has_figures_by_key_and_leaves_out_what_was_not_measured()
    {
        var job = new BenchJob("toy", BenchWork.Run, "A toy.", new Target(Figure.GemmShare, 0.65));
        var line = BenchJson.Line(new Measurement(job,
            new Dictionary<Figure, double> { [Figure.GemmShare] = 0.7, [Figure.Gflops] = double.NaN }));

        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal("gemmShare", Assert.Single(json.GetProperty("figures").EnumerateObject()).Name);
        Assert.True(json.GetProperty("targets")[0].GetProperty("reached").GetBoolean());
    }
}
