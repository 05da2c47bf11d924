using System.Text.Json;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Tests.Parameters;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Records;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly TimeProvider _time = new TensorBoardFileTests.Clock("2026-01-02T03:04:05.25Z");

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_run_that_exists_is_not_overwritten_and_the_message_says_how_to_go_on()
    {
        RunFolder.Create(_root.Path, "x", _time, Classes.Task).Dispose();

        var e = Assert.Throws<RunExistsException>(() => RunFolder.Create(_root.Path, "x", _time, Classes.Task));

        Assert.Equal($"Run 'x' exists in {_root.In("x")}; choose another id with --run ID, see it with 'flctl show x', "
            + "or delete the folder.", e.Message);
    }

    [Fact]
    public void An_empty_folder_of_someone_else_is_not_taken()
    {
        Directory.CreateDirectory(_root.In("x"));

        Assert.Throws<RunExistsException>(() => RunFolder.Create(_root.Path, "x", _time, Classes.Task));
        Assert.Empty(Directory.GetFileSystemEntries(_root.In("x")));
    }

    [Fact]
    public void Of_many_that_create_one_run_one_wins()
    {
        for (var run = 0; run < 20; run++)
        {
            var won = 0;
            using var start = new Barrier(8);
            var threads = Enumerable.Range(0, 8).Select(_ => new Thread(() =>
            {
                start.SignalAndWait();
                if (Record.Exception(() => RunFolder.Create(_root.Path, $"run-{run}", _time, Classes.Task).Dispose())
                    is not { } e)
                    Interlocked.Increment(ref won);
                else if (e is not ExperimentException) Interlocked.Add(ref won, 100);
            })).ToList();
            threads.ForEach(t => t.Start());
            threads.ForEach(t => t.Join());

            Assert.Equal(1, won);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("/etc")]
    [InlineData(".hidden")]
    [InlineData("-flag")]
    [InlineData("ä")]
    [InlineData("a b")]
    [InlineData("a\n")]
    public void What_is_no_id_is_refused(string id) => Assert.Contains("is no run id",
        Assert.Throws<ExperimentException>(() => RunFolder.Create(_root.Path, id, _time, Classes.Task)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void An_id_has_at_most_128_characters()
    {
        Assert.True(RunId.IsValid("a" + new string('.', 127)));
        Assert.False(RunId.IsValid("a" + new string('.', 128)));
    }

    [Fact]
    public void A_root_that_is_a_file_is_a_sentence()
    {
        File.WriteAllText(_root.In("runs"), "");

        var e = Assert.Throws<ExperimentException>(() => RunFolder.Create(_root.In("runs"), "x", _time, Classes.Task));

        Assert.StartsWith($"{_root.In("runs", "x")} cannot be made: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Split_and_graph_are_compact_json()
    {
        using var run = RunFolder.Create(_root.Path, "x", _time, Classes.Task);

        run.WriteSplit([new NodeSplit(0, [3, 1], [2], []), new NodeSplit(1, [0], [], [7])]);
        run.WriteGraph(new RunGraph(2, [[new GraphEdge(0, 1, 0.5), new GraphEdge(1, 1, 0.5)], []])
        {
            Period = 3,
            Later = [new GraphRound(2, [[new GraphEdge(1, 0, 1)], []])]
        });

        Assert.Equal("""{"nodes":[{"node":0,"train":[3,1],"validation":[2],"test":[]},"""
            + "{\"node\":1,\"train\":[0],\"validation\":[],\"test\":[7]}]}"
            + "\n", File.ReadAllText(_root.In("x", "split.json")));
        Assert.Equal("""{"nodes":2,"period":3,"exchanges":[{"edges":[[0,1,0.5],[1,1,0.5]]},{"edges":[]}],"""
            + "\"later\":[{\"round\":2,\"exchanges\":[{\"edges\":[[1,0,1]]},{\"edges\":[]}]}]}"
            + "\n", File.ReadAllText(_root.In("x", "graph.json")));
    }

    [Fact]
    public void Seats_show_the_silo_of_each_node()
    {
        using var run = RunFolder.Create(_root.Path, "x", _time, Classes.Task);

        run.WriteSeats([new RunSeat(0, "alice", "silo-1"), new RunSeat(1, "bob", null)]);

        using var seats = JsonDocument.Parse(File.ReadAllText(_root.In("x", "seats.json")));
        Assert.Equal("bob", seats.RootElement[1].GetProperty("identity").GetString());
        Assert.Equal("silo-1", seats.RootElement[0].GetProperty("silo").GetString());
    }

    [Fact]
    public void Log_lines_have_times_and_further_lines_are_indented()
    {
        using var run = RunFolder.Create(_root.Path, "x", _time, Classes.Task);

        run.Log("one\ntwo\n");

        Assert.Equal("2026-01-02T03:04:05.250Z one\n    two\n", ReadShared("log.txt"));
    }

    [Fact]
    public void An_event_is_one_line()
    {
        using var run = RunFolder.Create(_root.Path, "x", _time, Classes.Task);

        run.AppendEvent("""{"event":"started"}""");

        Assert.Throws<ArgumentException>(() => run.AppendEvent("{\n}"));
        Assert.Equal("{\"event\":\"started\"}\n", ReadShared("events.jsonl"));
    }

    [Fact]
    public void Weights_are_read_back_and_do_not_name_the_run()
    {
        var (layout, weights) = (SafetensorsTests.Layout, SafetensorsTests.Weights);
        foreach (var id in new[] { "x", "y" })
        {
            using var run = RunFolder.Create(_root.Path, id, _time, Classes.Task);
            run.WriteFinalWeights(weights, layout, 5);
            run.WriteBestWeights(weights, layout, 3);
            run.WriteNodeWeights(3, weights, layout, 5);
        }

        foreach (var file in new[] { "final.safetensors", "best.safetensors", "nodes/node-0003.safetensors" })
        {
            Assert.Equal(weights, Safetensors.ReadFile(_root.In("x", "weights", file), layout));
            Assert.Equal(File.ReadAllBytes(_root.In("x", "weights", file)),
                File.ReadAllBytes(_root.In("y", "weights", file)));
        }
        using var best = File.OpenRead(_root.In("x", "weights", "best.safetensors"));
        Assert.Equal("3", Safetensors.ReadHeader(best).Metadata["round"]);
    }

    [Fact]
    public void A_round_is_with_the_system_before_the_folder_is_closed()
    {
        using var run = RunFolder.Create(_root.Path, "x", _time, Classes.Task);

        run.AppendRound(Reports.Round(1));

        Assert.EndsWith("\n", ReadShared("metrics.jsonl"), StringComparison.Ordinal);
        Assert.Equal(2, ReadShared("metrics.csv").Count(c => c == '\n'));
        Assert.Equal(4, ReadShared("nodes.csv").Count(c => c == '\n'));
        Assert.Equal(5, TensorBoardReader.Read(Directory.GetFiles(_root.In("x", "tensorboard")).Single()).Count);
    }

    private string ReadShared(string file)
    {
        using var stream = new FileStream(_root.In("x", file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
