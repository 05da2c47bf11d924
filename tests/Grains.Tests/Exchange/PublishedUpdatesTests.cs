using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;
using Xunit;

namespace Orleans.FL.Grains.Tests.Exchange;

/// <summary>What is found under which address.</summary>
public class PublishedUpdatesTests
{
    private readonly PublishedUpdates _published = new(new SiloTraffic(), TimeProvider.System);

    [Fact]
    public void A_receiver_gets_what_is_for_it_alone_and_else_what_is_for_all()
    {
        var address = UpdateAddress.InExchange("run", 1, 0, 0, 0);
        var (all, one) = (Update(1), Update(2));
        _published.Publish(address, all);
        _published.Publish(address with { Receiver = 3 }, one);

        Assert.Same(all, _published.Find(address));
        Assert.Same(one, _published.Find(address with { Receiver = 3 }));
        Assert.Same(all, _published.Find(address with { Receiver = 4 }));
    }

    [Fact]
    public void The_model_after_some_rounds_is_that_of_the_last_round_that_the_node_took_part_in()
    {
        var (first, third) = (Update(1), Update(3));
        _published.Publish(UpdateAddress.ModelAfter("run", 1, 0, 1), first);
        _published.Publish(UpdateAddress.ModelAfter("run", 1, 0, 3), third);

        Assert.Null(_published.Find(UpdateAddress.ModelAfter("run", 1, 0, 0)));
        Assert.Same(first, _published.Find(UpdateAddress.ModelAfter("run", 1, 0, 2)));
        Assert.Same(third, _published.Find(UpdateAddress.ModelAfter("run", 1, 0, 9)));
        Assert.Null(_published.Find(UpdateAddress.ModelAfter("run", 2, 0, 9)));
    }

    [Fact]
    public void A_later_round_takes_the_place_of_earlier_ones_and_leaves_models_alone()
    {
        _published.Publish(UpdateAddress.BestModel("run", 1, 0), Update(0));
        _published.Publish(UpdateAddress.ModelAfter("run", 1, 0, 0), Update(1));
        _published.Publish(UpdateAddress.InExchange("run", 1, 0, 4, 1), Update(2));
        _published.Publish(UpdateAddress.InExchange("run", 1, 0, 5, 0), Update(3));

        Assert.Null(_published.Find(UpdateAddress.InExchange("run", 1, 0, 4, 1)));
        Assert.NotNull(_published.Find(UpdateAddress.InExchange("run", 1, 0, 5, 0)));
        Assert.NotNull(_published.Find(UpdateAddress.ModelAfter("run", 1, 0, 0)));
        Assert.NotNull(_published.Find(UpdateAddress.BestModel("run", 1, 0)));
    }

    private static Update Update(float value) => new(ParameterVector.Own([value]));
}
