using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests.Runs;

public sealed class RunSeatsTests
{
    private static readonly Plan Plan = Plan.Of(
        Toy.Experiment("nodes=4", "rounds=3", "membership=[{\"round\":2,\"remove\":[3]}]"), Toy.Data());

    private readonly FakeSilos _silos = new("a", "b");
    private readonly RunSeats _seats;

    public RunSeatsTests() => _seats = new RunSeats(_silos);

    [Fact]
    public void Members_are_dealt_to_the_silos_and_stay_where_they_are()
    {
        Assert.Equal("", Deal());

        Assert.Equal(["a", "b", "a", "b"], _seats.Seats.Values); // a lane each, in turn
        Assert.Equal(["a", "b"], _seats.Held.Select(h => h.Key));
        Assert.Equal([[0, 2], [1, 3]], _seats.BySilo([0, 1, 2, 3]));
        Assert.Equal("", Reason());
    }

    [Fact]
    public void A_silo_that_came_is_a_reason_to_move_and_one_that_is_about_to_stop_too()
    {
        Deal();

        _silos.Add("c");
        Assert.Equal("Silo c joined.", Reason());
        // there is no checkpoint to move with
        Assert.Equal("", _seats.ReasonToMove(Plan.Members(0), [], 0, mayMove: false));
        _seats.Leave("b");
        Assert.Equal("Silo b is about to stop.", Reason());
        Assert.Equal(["a", "c"], _seats.Candidates().Select(s => s.Name));
    }

    [Fact]
    public void A_silo_that_was_to_stop_and_came_back_counts_again()
    {
        _seats.Leave("b");
        Assert.Equal(["a"], _seats.Candidates().Select(s => s.Name));

        _silos.Remove("b");
        _seats.Candidates();
        _silos.Add("b");

        Assert.Equal(["a", "b"], _seats.Candidates().Select(s => s.Name));
    }

    [Fact]
    public void Other_members_are_a_reason_to_seat_all_anew()
    {
        Deal();
        _seats.Version = Plan.Members(0).Version;

        Assert.Equal("Round 2 begins with 3 members.",
            _seats.ReasonToMove(Plan.Members(1), [], done: 1, mayMove: true));
        Assert.Equal("Round 2 begins with 3 members.",
            _seats.ReasonToMove(Plan.Members(1), [], done: 1, mayMove: false));
    }

    [Fact]
    public void A_node_for_which_there_is_no_seat_stands_in_the_way_until_it_may_be_missing()
    {
        DevicePin[] pins = [new() { Nodes = [2], Silo = "z" }];

        Assert.Contains("No silo 'z' is there", _seats.Deal(Plan.Members(0), pins, Nobody, Fit, mayMiss: false));
        Assert.Empty(_seats.Seats);
        Assert.Equal("", _seats.Deal(Plan.Members(0), pins, Nobody, Fit, mayMiss: true));
        Assert.Equal([0, 1, 3], _seats.Seats.Keys);
        Assert.Equal([2], _seats.Unseated.Keys);
        Assert.Equal([0, 1, 3], _seats.Present(Plan.Members(0)));
    }

    [Fact]
    public void A_silo_that_cannot_take_part_is_not_tried_again_and_is_named_when_there_is_no_other()
    {
        var unfit = new SortedDictionary<string, string> { ["b"] = "The dataset is not there." };
        Assert.Equal("", _seats.Deal(Plan.Members(0), [], Nobody, unfit, mayMiss: false));
        Assert.All(_seats.Seats.Values, silo => Assert.Equal("a", silo));

        unfit["a"] = "The dataset is not there, too.";

        Assert.Equal("No silo of the cluster has a training lane. Silo a: The dataset is not there, too.",
            _seats.Deal(Plan.Members(0), [], Nobody, unfit, mayMiss: true));
    }

    private static Dictionary<int, string> Nobody => [];

    private static Dictionary<string, string> Fit => [];

    private string Deal() => _seats.Deal(Plan.Members(0), [], Nobody, Fit, mayMiss: false);

    private string Reason() => _seats.ReasonToMove(Plan.Members(0), [], 0, mayMove: true);
}
