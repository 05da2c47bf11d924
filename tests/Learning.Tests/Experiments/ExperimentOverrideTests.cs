using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Experiments.Json;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Tests.Components;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

public class ExperimentOverrideTests
{
    [Fact]
    public void A_value_is_json() => Assert.Equal([1, 2], Read("drawers=[1, 2]").Drawers);

    [Fact]
    public void A_value_that_is_no_json_is_a_text() => Assert.Equal("a=b [c", Read("label=a=b [c").Label);

    [Fact]
    public void A_number_for_a_text_needs_quotes()
    {
        Assert.Equal("$.label", Assert.Single(Errors("label=42")).Path);
        Assert.Equal("42", Read("label=\"42\"").Label);
    }

    [Fact]
    public void The_last_of_two_wins() => Assert.Equal(4, Read("shelves=3", "shelves=4").Shelves);

    [Fact]
    public void A_path_may_begin_as_errors_write_it() => Assert.Equal(2, Read("$.lock.digits=2").Lock.Digits);

    [Fact]
    public void Objects_on_the_way_are_made_and_keep_their_defaults() =>
        Assert.Equal(new Padlock { Digits = 4, Rusts = true }, Read("lock.rusts=true").Lock);

    [Fact]
    public void An_option_of_a_default_component_can_be_set() =>
        Assert.Equal(new Component<Toy>("top", new Top.Options { Turns = 5, Rim = 0.1 }), Read("first.rim=0.1").First);

    [Fact]
    public void An_option_of_a_component_that_is_only_a_name_can_be_set() =>
        Assert.Equal(new Component<Toy>("top", new Top.Options { Turns = 9 }), Read("best=top", "best.turns=9").Best);

    [Fact]
    public void A_component_given_whole_replaces_the_one_before() =>
        Assert.Equal(new Component<Toy>("ball", null), Read("best={\"name\":\"kite\",\"area\":1}", "best=ball").Best);

    [Fact]
    public void Another_name_drops_the_old_options() =>
        Assert.Equal(
            new Component<Toy>("top", new Top.Options { Rim = 0.2 }),
            Read("best={\"name\":\"kite\",\"area\":1}", "best.name=top", "best.rim=0.2").Best);

    [Fact]
    public void The_same_name_keeps_the_options() =>
        Assert.Equal(
            new Component<Toy>("kite", new Kite.Options { Area = 1 }),
            Read("best={\"name\":\"kite\",\"area\":1}", "best.name=kite").Best);

    [Fact]
    public void The_default_components_own_name_keeps_its_options() =>
        Assert.Equal(
            new Component<Toy>("top", new Top.Options { Turns = 5, Rim = 0.2 }),
            Read("first.rim=0.2", "first.name=top").First);

    [Fact]
    public void An_item_is_changed_in_place() =>
        Assert.Equal(
            [new Padlock { Digits = 1 }, new Padlock { Digits = 6 }],
            Read("locks=[{},{\"digits\":6}]", "locks[0].digits=1").Locks);

    [Fact]
    public void The_item_after_the_last_is_added() =>
        Assert.Equal(
            [new Padlock { Digits = 1 }, new Padlock { Rusts = true }],
            Read("locks[0].digits=1", "locks[1].rusts=true").Locks);

    [Theory]
    [InlineData("locks[1].digits=1", "$.locks", "An override asks for item 1, but the list has 0; the next is 0.")]
    [InlineData("label[0]=x", "$.label", "An override asks for item 0, but the value is the text 'a'.")]
    [InlineData("label.x=1", "$.label", "An override asks for the key 'x', but the value is the text 'a'.")]
    [InlineData("shelvs=3", "$.shelvs", "There is no key 'shelvs'. " +
        "Known: label, seed, shelves, width, lid, age, drawers, owners, best, first, spare, others, lock, locks. " +
        "Did you mean 'shelves'?")]
    [InlineData("lock.digit=3", "$.lock.digit",
        "There is no key 'digit'. Known: digits, rusts. Did you mean 'digits'?")]
    [InlineData("lock.digits=9", "$.lock.digits", "The value is out of range (1 to 8): it is 9.")]
    [InlineData("lock=null", "$.lock", "The value is null; give a value, or leave the key out to keep its default.")]
    [InlineData("lock={\"digits\":1,\"digits\":1}", "$.lock.digits", "The key is there twice; keep one.")]
    [InlineData("width=", "$.width", "The value must be a number, but is the text ''.")]
    [InlineData("width=wide", "$.width", "The value must be a number, but is the text 'wide'.")]
    [InlineData("width=2,75", "$.width",
        "The value must be a number, but is the text '2,75'. Write a point, not a comma.")]
    [InlineData("width=\"2.75\"", "$.width",
        "The value must be a number, but is the text '2.75'. Write it without quotes.")]
    public void A_wrong_override_is_an_error_like_any_other(string text, string path, string message) =>
        Assert.Equal([new ValidationError(path, message)], Errors(text));

    [Theory]
    [InlineData("label")]
    [InlineData("=1")]
    [InlineData("a..b=1")]
    [InlineData(".a=1")]
    [InlineData("locks[x]=1")]
    [InlineData("locks[-1]=1")]
    [InlineData("locks[99999999999]=1")]
    [InlineData("locks[0=1")]
    [InlineData("locks]0[=1")]
    [InlineData("[0]=1")]
    public void An_override_that_cannot_be_followed_says_how_to_write_one(string text)
    {
        var error = Assert.Single(Errors(text));

        Assert.Equal("", error.Path);
        Assert.StartsWith($"The override '{text}' has no ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused() => // not in the theory: xunit's runner cannot carry it
        Assert.Equal([new ValidationError("$.label",
            "Not readable: the text has half of a surrogate pair (\\ud800 to \\udfff).")], Errors("label=\ud800"));

    [Fact]
    public void A_path_without_end_is_refused() =>
        Assert.Contains("no path",
            Assert.Single(Errors(string.Join('.', Enumerable.Repeat("a", 200_000)) + "=1")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_value_nested_without_end_is_refused_where_it_would_go()
    {
        var error = Assert.Single(Errors("locks=" + new string('[', 500_000)));

        Assert.Equal("$.locks", error.Path);
        Assert.Contains("nested 32 deep", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_wrong_overrides_are_reported_at_once() =>
        Assert.Equal(3, Errors("nothing", "shelves=0", "lock.digits=x").Count);

    private static Toybox Read(params string[] overrides)
    {
        var errors = new ErrorList();
        const string Least = """{ "label": "a", "best": "ball" }""";
        var root = (JsonMap)JsonTreeReader.Read(Least, "$", JsonLimits.Default, errors);
        var change = new ExperimentOverride(errors);
        foreach (var text in overrides) change.Apply(root, typeof(Toybox), text);
        var box = new JsonBinder(errors).Bind<Toybox>(root, "$");
        errors.ThrowIfAny();
        return Assert.IsType<Toybox>(box);
    }

    private static IReadOnlyList<ValidationError> Errors(params string[] overrides) =>
        Assert.Throws<ExperimentException>(() => Read(overrides)).Errors;
}
