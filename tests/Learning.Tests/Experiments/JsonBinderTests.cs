using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments.Json;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Tests.Components;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

public class JsonBinderTests
{
    private const string Least = """ "label": "a", "best": "ball" """;

    [Fact]
    public void Keys_that_are_left_out_have_their_defaults() =>
        Assert.Equal(new Toybox { Label = "a", Best = new("ball", null) }, Bind($"{{ {Least} }}"));

    [Fact]
    public void Every_form_is_read()
    {
        var box = Bind("""
            {
              // comments are allowed,
              "label": "a", "seed": 9007199254740993, "shelves": 3, "width": 2, "lid": false, "age": 40,
              "drawers": [0, 5], "owners": ["é", "bob"],
              "best": { "name": "kite", "area": 1e-3, "tail": "long", "lines": [1, 2.5] },
              "first": "Ball", "spare": { "name": "sphere" },
              "others": ["top", { "name": "top", "turns": 4, "colour": "red" }],
              "lock": { "rusts": true }, "locks": [{}, { "digits": 1 }], /* and trailing commas */
            }
            """);

        Assert.Equal(
            new Toybox
            {
                Label = "a",
                Seed = 9007199254740993,
                Shelves = 3,
                Width = 2,
                Lid = false,
                Age = 40,
                Drawers = [0, 5],
                Owners = ["é", "bob"],
                Best = new("kite", new Kite.Options { Area = 0.001, Tail = "long", Lines = [1, 2.5] }),
                First = new("ball", null),
                Spare = new("ball", null),
                Others = [new("top", new Top.Options()), new("top", new Top.Options { Turns = 4, Colour = "red" })],
                Lock = new() { Digits = 4, Rusts = true },
                Locks = [new(), new() { Digits = 1 }],
            },
            box);
    }

    [Fact]
    public void An_object_without_a_name_changes_the_default_component() =>
        Assert.Equal(
            new Component<Toy>("top", new Top.Options { Turns = 5, Rim = 0.25 }),
            Bind($$"""{ {{Least}}, "first": { "rim": 0.25 } }""").First);

    [Fact]
    public void Another_name_than_the_default_components_starts_from_its_own_defaults() =>
        Assert.Equal(
            new Component<Toy>("kite", new Kite.Options { Area = 2 }),
            Bind($$"""{ {{Least}}, "first": { "name": "kite", "area": 2 } }""").First);

    [Theory]
    [InlineData("3.0", 3)]
    [InlineData("3e0", 3)]
    [InlineData("30e-1", 3)]
    public void A_whole_number_may_be_written_with_a_point_or_exponent(string json, int expected) =>
        Assert.Equal(expected, Bind($$"""{ {{Least}}, "shelves": {{json}} }""").Shelves);

    [Theory]
    [InlineData("shelves", "0", "The value is out of range (1 to 9): it is 0.")]
    [InlineData("shelves", "10", "The value is out of range (1 to 9): it is 10.")]
    [InlineData("shelves", "1e300", "The value is out of range (1 to 9): it is 1e300.")]
    [InlineData("shelves", "2.5", "The value must be a whole number, but is 2.5.")]
    [InlineData("shelves", "\"2\"", "The value must be a whole number, but is the text '2'. Write it without quotes.")]
    [InlineData("shelves", "true", "The value must be a whole number, but is true.")]
    [InlineData("shelves", "null", "The value is null; give a value, or leave the key out to keep its default.")]
    [InlineData("seed", "9223372036854775808", "The value is too large for a number here: it is 9223372036854775808.")]
    [InlineData("age", "2147483648", "The value is out of range (0 or more): it is 2147483648.")]
    [InlineData("width", "0", "The value is out of range (above 0): it is 0.")]
    [InlineData("width", "1e999", "The value is out of range (above 0): it is 1e999.")]
    [InlineData("width", "\"NaN\"", "The value must be a number, but is the text 'NaN'.")]
    [InlineData("width", "[1]", "The value must be a number, but is a list.")]
    [InlineData("lid", "0", "The value must be true or false, but is 0.")]
    [InlineData("lid", "\"true\"", "The value must be true or false, but is the text 'true'. Write it without quotes.")]
    [InlineData("label", "5", "The value must be a text, but is 5. Write it in double quotes.")]
    [InlineData("label", "\"\"", "The text must have 1 to 10 characters, but is ''.")]
    [InlineData("label", "\"12345678901\"", "The text must have 1 to 10 characters, but is '12345678901'.")]
    [InlineData("drawers", "3", "The value must be a list of whole numbers, but is 3.")]
    [InlineData("lock", "[]", "The value must be an object, but is a list.")]
    [InlineData("best", "3",
        "The value must be the name of a component (Toy) or an object with its name and options, but is 3.")]
    [InlineData("best", "\"bal\"", "There is no Toy named 'bal'. Known: ball, kite, top. Did you mean 'ball'?")]
    public void A_wrong_value_says_what_would_do(string key, string value, string message)
    {
        string[] least = ["\"label\": \"a\"", "\"best\": \"ball\""];
        var others = string.Join(", ", least.Where(o => !o.Contains($"\"{key}\"")));

        Assert.Equal([new ValidationError($"$.{key}", message)], Errors($$"""{ "{{key}}": {{value}}, {{others}} }"""));
    }

    [Theory]
    [InlineData("\"drawers\": [1, 6, \"x\"]", "$.drawers[1]", "$.drawers[2]")]
    [InlineData("\"owners\": [\"abcd\", \"\"]", "$.owners[0]", "$.owners[1]")]
    [InlineData("\"locks\": [{}, { \"digits\": 0 }, 3]", "$.locks[1].digits", "$.locks[2]")]
    [InlineData("\"others\": [\"no\", { \"name\": \"top\", \"rim\": 1, \"turns\": 2 }]",
        "$.others[0]", "$.others[1].rim")]
    [InlineData("\"first\": { \"name\": \"kite\", \"tail\": \"tall\" }", "$.first.area", "$.first.tail")]
    [InlineData("\"spare\": {}, \"first\": { \"name\": null }", "$.first.name", "$.spare.name")]
    [InlineData("\"lock\": { \"digit\": 3 }, \"first\": { \"name\": \"ball\", \"a b\": 1 }",
        "$.first['a b']", "$.lock.digit")]
    public void Errors_have_the_path_of_their_value(string json, string first, string second) =>
        Assert.Equal([first, second], Errors($"{{ {Least}, {json} }}").Select(f => f.Path));

    [Fact]
    public void All_errors_are_reported_at_once()
    {
        var errors = Errors("""
            {
              "shelfs": 3, "seed": "x", "lid": null, "best": { "name": "kit", "area": 1 },
              "first": { "name": "top", "turns": 0, "rim": 1, "spin": 1 }, "lock": { "digits": 9, "digits": 10 },
            }
            """);

        Assert.Equal(
            ["$.best.name", "$.first.rim", "$.first.spin", "$.first.turns", "$.label", "$.lid", "$.lock.digits",
                "$.lock.digits", "$.seed", "$.shelfs"],
            errors.Select(f => f.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_unknown_key_says_what_there_is_and_what_was_probably_meant() =>
        Assert.Equal(
            "There is no key 'digit'. Known: digits, rusts. Did you mean 'digits'?",
            Assert.Single(Errors($$"""{ {{Least}}, "lock": { "digit": 1 } }""")).Message);

    [Fact]
    public void An_unknown_option_names_its_component()
    {
        Assert.Equal("The Toy 'top' has no option 'turn'. Known: turns, colour, rim. Did you mean 'turns'?",
            Assert.Single(Errors($$"""{ {{Least}}, "first": { "turn": 1 } }""")).Message);
        Assert.Equal("The Toy 'ball' has no option 'turns'. It takes none.",
            Assert.Single(Errors($$"""{ {{Least}}, "first": { "name": "ball", "turns": 1 } }""")).Message);
    }

    [Fact]
    public void A_missing_key_says_what_it_sets() =>
        Assert.Equal(
            [
                new ValidationError("$.label", "The key is missing. Label."),
                new ValidationError("$.best", "The key is missing. The best toy."),
            ],
            Errors("{}"));

    [Fact]
    public void Keys_are_distinguished_by_case() =>
        Assert.Equal("$.Lid", Assert.Single(Errors($$"""{ {{Least}}, "Lid": true }""")).Path);

    [Fact]
    public void A_merged_object_keeps_what_it_does_not_name()
    {
        var errors = new ErrorList();
        var binder = new JsonBinder(errors);
        binder.Inherited[typeof(Toybox).GetProperty(nameof(Toybox.Lock))!] = new Padlock { Digits = 8, Rusts = true };

        var json = $$"""{ {{Least}}, "lock": { "digits": 2 } }""";
        var box = binder.Bind<Toybox>(JsonTreeReader.Read(json, "$", JsonLimits.Default, errors), "$");

        Assert.True(errors.IsEmpty);
        Assert.Equal(new Padlock { Digits = 2, Rusts = true }, box?.Lock);
    }

    [Fact]
    public void Minus_zero_is_zero()
    {
        var options = Assert.IsType<Top.Options>(Bind($$"""{ {{Least}}, "first": { "rim": -0.0 } }""").First.Options);

        Assert.Equal(0L, BitConverter.DoubleToInt64Bits(options.Rim));
    }

    private static Toybox Bind(string json)
    {
        var errors = new ErrorList();
        var box = new JsonBinder(errors).Bind<Toybox>(JsonTreeReader.Read(json, "$", JsonLimits.Default, errors), "$");
        errors.ThrowIfAny();
        return Assert.IsType<Toybox>(box);
    }

    private static IReadOnlyList<ValidationError> Errors(string json) =>
        Assert.Throws<ExperimentException>(() => Bind(json)).Errors;
}
