using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Optimizers;
using Xunit;

namespace Orleans.FL.Learning.Tests.Components;

public class CatalogTests
{
    [Fact]
    public void Every_named_class_of_the_kind_is_there_in_order_of_names() =>
        Assert.Equal(["ball", "kite", "top"], Catalog<Toy>.All.Select(s => s.Name));

    [Fact]
    public void A_component_is_found_by_its_name_and_by_each_alias()
    {
        Assert.Equal(typeof(Ball), Catalog<Toy>.Find("ball")?.Type);
        Assert.Equal(typeof(Ball), Catalog<Toy>.Find("Ball")?.Type);
        Assert.Equal(typeof(Ball), Catalog<Toy>.Find("sphere")?.Type);
        Assert.Null(Catalog<Toy>.Find("Kite"));
    }

    [Fact]
    public void A_component_is_created_with_the_options_given() =>
        Assert.Equal(8, ((Top)Catalog<Toy>.Create("top", new Top.Options { Turns = 8 })).Turns);

    [Fact]
    public void Without_options_a_component_has_its_defaults() =>
        Assert.Equal(3, ((Top)Catalog<Toy>.Create("top", null)).Turns);

    [Fact]
    public void A_chosen_component_creates_itself() =>
        Assert.IsType<Ball>(new Component<Toy>("ball", null).Create());

    [Fact]
    public void Options_of_another_component_are_our_bug()
    {
        Assert.Throws<ArgumentException>(() => Catalog<Toy>.Create("kite", new Top.Options()));
        Assert.Throws<ArgumentException>(() => Catalog<Toy>.Create("ball", new Top.Options()));
    }

    [Fact]
    public void An_unknown_name_says_what_there_is_and_what_was_probably_meant()
    {
        var e = Assert.Throws<ExperimentException>(() => Catalog<Toy>.Create("kyte", null));

        Assert.Equal("There is no Toy named 'kyte'. Known: ball, kite, top. Did you mean 'kite'?", e.Message);
    }

    [Fact]
    public void An_option_shows_its_key_type_default_and_range()
    {
        var options = Catalog<Toy>.Find("kite")!.Options;

        Assert.Equal(["area", "tail", "lines"], options.Select(o => o.Key));
        Assert.Equal([true, false, false], options.Select(o => o.Required));
        Assert.Equal(["number", "text", "list of numbers"], options.Select(o => o.Type.Words));
        Assert.Equal(["above 0, at most 10", "short, long", "1 to 50"], options.Select(o => o.Allowed));
        Assert.Equal("short", options[1].Default);
    }

    [Fact]
    public void A_name_taken_twice_names_both_classes()
    {
        var e = Assert.Throws<InvalidOperationException>(
            () => new ComponentCatalog(typeof(Clash), [typeof(Left), typeof(Right)]));

        Assert.Contains(nameof(Left), e.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Right), e.Message, StringComparison.Ordinal);
        Assert.Contains("'left'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(Shouting), "kebab-case")]
    [InlineData(typeof(TwoParameters), "one public constructor")]
    [InlineData(typeof(NoDocumentation), "[Option]")]
    [InlineData(typeof(NoJson), "cannot be of type")]
    [InlineData(typeof(OwnName), "option 'name'")]
    public void A_class_that_breaks_the_rules_is_an_error_that_names_it(Type type, string rule)
    {
        var e = Assert.Throws<InvalidOperationException>(() => new ComponentCatalog(typeof(Clash), [type]));

        Assert.Contains(type.Name, e.Message, StringComparison.Ordinal);
        Assert.Contains(rule, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_kinds_of_an_experiment_have_a_catalog() =>
        Assert.Superset(
            new HashSet<string> { "Algorithm", "Topology", "Dataset", "Partitioner", "Model", "Optimizer" },
            ExperimentKinds.All.Select(c => c.Kind).ToHashSet());

    [Fact]
    public void The_typed_and_the_untyped_catalog_agree() =>
        Assert.Same(Catalog<Optimizer>.All, ExperimentKinds.All.Single(c => c.Kind == "Optimizer").All);

    [Fact]
    public void Every_component_and_option_is_documented()
    {
        foreach (var component in ExperimentKinds.All.SelectMany(c => c.All))
        {
            Assert.EndsWith(".", component.Summary, StringComparison.Ordinal);
            Assert.All(component.Options, o => Assert.EndsWith(".", o.Summary, StringComparison.Ordinal));
        }
    }

    internal abstract class Clash;

    [Component("left", Summary = "l.")]
    internal sealed class Left : Clash;

    [Component("right", Summary = "r.", Aliases = ["left"])]
    internal sealed class Right : Clash;

    [Component("Shouting", Summary = "s.")]
    internal sealed class Shouting : Clash;

    [Component("two", Summary = "t.")]
    internal sealed class TwoParameters : Clash
    {
        public TwoParameters(Padlock a, Padlock b) => GC.KeepAlive((a, b));
    }

    [Component("bare", Summary = "b.")]
    internal sealed class NoDocumentation : Clash
    {
        public NoDocumentation(Options options) => GC.KeepAlive(options);

        internal sealed record Options
        {
            public int Bare { get; init; }
        }
    }

    [Component("date", Summary = "d.")]
    internal sealed class NoJson : Clash
    {
        public NoJson(Options options) => GC.KeepAlive(options);

        internal sealed record Options
        {
            [Option("When.")]
            public DateTime When { get; init; }
        }
    }

    [Component("own", Summary = "o.")]
    internal sealed class OwnName : Clash
    {
        public OwnName(Options options) => GC.KeepAlive(options);

        internal sealed record Options
        {
            [Option("Name.")]
            public string Name { get; init; } = "";
        }
    }
}
