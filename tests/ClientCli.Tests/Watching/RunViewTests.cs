using Orleans.FL.ClientCli.Watching;
using Orleans.FL.Grains.Interfaces;
using Spectre.Console.Testing;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Watching;

public class RunViewTests
{
    [Fact]
    public void Before_the_first_event_it_waits() => Assert.Contains("waiting for the run", Drawn(new RunView()));

    [Fact]
    public void The_header_shows_what_runs_where()
    {
        var view = new RunView(new Uri("http://127.0.0.1:8080/dashboard/"));
        view.Apply(Sample.Registered);
        view.Apply(Sample.Seated);

        var drawn = Drawn(view);

        Assert.Contains("tiny-1", drawn);
        Assert.Contains("tiny: fedavg on star, digits, cnn", drawn);
        Assert.Contains("2 of 2 nodes seated on 1 silo with 4 lanes; 1,663,370 parameters", drawn);
        Assert.Contains("/runs/tiny-1", drawn);
        Assert.Contains("http://127.0.0.1:8080/dashboard/", drawn);
    }

    [Fact]
    public void A_round_is_a_row()
    {
        var row = Row(Drawn(After(Sample.Round(1))), "1/3");

        Assert.Equal(["1/3", "2.5000", "0.2000", "2.0000", "0.2500", "1.50", "s", "1.5", "MB", "2/2"], row);
    }

    [Fact]
    public void A_round_without_a_test_has_dashes_in_its_place()
    {
        var row = Row(
            Drawn(After(Sample.Round(1) with { TestLoss = null, Metrics = new([new("trainAccuracy", 0.2)]) })), "1/3");

        Assert.Equal(["-", "-"], row[3..5]);
    }

    [Fact]
    public void Only_the_last_twelve_rounds_are_rows()
    {
        var view = After([.. Enumerable.Range(1, 20).Select(i => Sample.Round(1) with { Round = i, Rounds = 20 })]);

        var drawn = Drawn(view);

        Assert.DoesNotContain(" 8/20", drawn);
        Assert.Contains(" 9/20", drawn);
        Assert.Contains(" 20/20", drawn);
    }

    [Fact]
    public void Progress_is_a_bar_until_the_round_is_done()
    {
        var view = After(Sample.Progress(1, 2));
        // One of two nodes: 20 of 40 columns.
        Assert.Contains($"round 1 {new string('━', 20)}{new string('╌', 20)} train 1/2", Drawn(view));

        view.Apply(Sample.Round(1));
        Assert.Contains($"round 2 {new string('╌', 40)}", Drawn(view));
    }

    [Fact]
    public void The_accuracies_are_a_curve() =>
        Assert.Contains("test accuracy 0.2500 ▁▅█ 0.7500",
            Drawn(After(Sample.Round(1), Sample.Round(2), Sample.Round(3))));

    [Fact]
    public void The_last_round_is_shown_with_its_rates_and_where_the_time_went_so_far()
    {
        var work = new RoundWork(8, 2400, 12e9, 3, 2, [new("train", 3), new("checkpoint", 1), new("paused", 50)], 12);
        var drawn = Drawn(After(Sample.Round(1) with { Work = work },
            Sample.Round(2) with { Seconds = 4, Work = work with { Phases = [new("train", 4)] } }));

        // Round 2 took 4 s, of 2 lanes each; training took 7 of 8 s so far.
        Assert.Contains("2.00 clients/s  600 samples/s  3.0 GFLOP/s (25 % of the FMA peak)  lanes train 38 %", drawn);
        Assert.Contains("time so far: train 88 %, checkpoint 13 %", drawn);
    }

    [Fact]
    public void Rounds_without_such_a_record_have_no_rates() =>
        Assert.DoesNotContain("time so far", Drawn(After(Sample.Round(1))));

    [Fact]
    public void The_end_shows_accuracy_hash_and_folder()
    {
        var drawn = Drawn(After(Sample.Finished));

        Assert.Contains("finished 3 rounds in 12.5 s; test accuracy 0.7500", drawn);
        Assert.Contains("weights sha256 abc123", drawn);
        Assert.Contains("folder /runs/tiny-1", drawn);
    }

    [Fact]
    public void A_notice_stays_until_the_next_event()
    {
        var view = After(Sample.Round(1));
        view.Notice = "The silo does not answer.";
        Assert.Contains("The silo does not answer.", Drawn(view));

        view.Apply(Sample.Round(2));
        Assert.DoesNotContain("The silo does not answer.", Drawn(view));
    }

    [Fact]
    public void What_the_record_waits_for_stays_while_rounds_go_on_until_it_waits_no_longer()
    {
        const string Waits = "The run's record waits until it can be written.";
        var view = After(Sample.Round(1));

        view.Apply(new PulseEvent(Waits));
        view.Apply(Sample.Round(2));
        Assert.Contains(Waits, Drawn(view));
        view.Apply(new PulseEvent());

        Assert.DoesNotContain(Waits, Drawn(view));
    }

    [Fact]
    public void A_run_that_was_started_is_seating_its_nodes()
    {
        var view = new RunView();
        view.Apply(Sample.Registered);
        view.Apply(new StartedEvent());

        Assert.Contains("seating the nodes", Drawn(view));
    }

    [Fact]
    public void Text_from_outside_is_not_markup()
    {
        var view = new RunView();
        view.Apply(Sample.Registered with { Run = "[red]x", Name = "[bold]y" });

        Assert.Contains("[red]x", Drawn(view));
        Assert.Contains("[bold]y", Drawn(view));
    }

    [Fact(Timeout = 30_000)]
    public async Task The_live_display_draws_to_the_end_and_returns_it()
    {
        using var console = Console();
        var display = new LiveDisplay(console, new RunView(), TimeProvider.System);

        var end = await display.Follow(Sample.Events.ToAsyncEnumerable());

        Assert.IsType<FinishedEvent>(end);
        Assert.Contains("weights sha256 abc123", console.Output);
    }

    private static RunView After(params RunEvent[] events)
    {
        var view = new RunView();
        view.Apply(Sample.Registered);
        view.Apply(Sample.Seated);
        foreach (var e in events) view.Apply(e);
        return view;
    }

    private static string Drawn(RunView view)
    {
        using var console = Console();
        console.Write(view.Render());
        return console.Output;
    }

    private static TestConsole Console()
    {
        var console = new TestConsole();
        console.Profile.Width = 120;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    private static string[] Row(string drawn, string first) =>
        drawn.Split('\n').Single(l => l.Contains(first)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
