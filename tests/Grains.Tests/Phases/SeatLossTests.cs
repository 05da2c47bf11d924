using Orleans.FL.Grains.Phases;
using Xunit;

namespace Orleans.FL.Grains.Tests.Phases;

public sealed class SeatLossTests
{
    private readonly FakeSilos _silos = new("a", "b");

    [Fact(Timeout = 10_000)]
    public Task A_silo_of_the_same_name_that_is_another_one_is_a_loss() => Turns.Run(async () =>
    {
        var seats = new SeatLoss(_silos);
        seats.Watch(() => _silos.Held);

        _silos.Add("c"); // holds nothing
        await Task.Yield();
        seats.Current.ThrowIfLost();
        _silos.Add("b"); // restarted

        await Lost(seats.Current);
        Assert.Equal("Silo b was lost.", Assert.Throws<SeatsLostException>(seats.Current.ThrowIfLost).Message);
    });

    [Fact(Timeout = 10_000)]
    public Task Seats_that_are_taken_anew_are_not_lost_with_those_before() => Turns.Run(async () =>
    {
        var seats = new SeatLoss(_silos);
        seats.Watch(() => _silos.Held);
        var before = seats.Current;

        seats.Watch(() => _silos.Held.Where(s => s.Key == "a"));
        _silos.Remove("b");
        await Task.Yield();

        Assert.True(before.Token.IsCancellationRequested); // what was under way there is given up
        seats.Current.ThrowIfLost();
        before.Set("Node 3 does not hold its state.");
        seats.Current.ThrowIfLost();
    });

    [Fact]
    public void The_first_reason_stays()
    {
        var loss = new SeatLoss(_silos).Current;

        loss.Set("Silo b was lost.");
        loss.Set("Node 3 does not answer.");

        Assert.Equal("Silo b was lost.", Assert.Throws<SeatsLostException>(loss.ThrowIfLost).Message);
    }

    private static async Task Lost(Loss loss)
    {
        var lost = new TaskCompletionSource();
        using var watch = loss.Token.Register(lost.SetResult);
        await lost.Task;
    }
}
