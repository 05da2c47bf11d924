using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Components;
using Xunit;

namespace Orleans.FL.Learning.Tests.Components;

public class ComponentsMarkdownTests
{
    private static readonly string Page = ComponentsMarkdown.Text(typeof(Toybox), [Catalogs.Of(typeof(Toy))]);

    [Fact]
    public void A_component_has_a_section_with_its_options() => Assert.Contains(
        """
        ### `kite`

        Flies.

        Source: Wind, Proc. Sky 2001

        | key | type | default | allowed | meaning |
        | --- | --- | --- | --- | --- |
        | `area` | number | (required) | above 0, at most 10 | Area in square metres. |
        | `tail` | text | `"short"` | short, long | Tail. |
        | `lines` | list of numbers | `[]` | 1 to 50 | Lengths of the lines in metres. |

        """.ReplaceLineEndings("\n"), Page, StringComparison.Ordinal);

    [Fact]
    public void Aliases_are_shown() =>
        Assert.Contains("Also accepted as `Ball`, `sphere`.", Page, StringComparison.Ordinal);

    [Fact]
    public void Nested_keys_have_their_path_and_are_listed_once()
    {
        Assert.Contains("| `lock.digits` | whole number | `4` | 1 to 8 |", Page, StringComparison.Ordinal);
        Assert.DoesNotContain("locks[].digits", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_component_and_key_of_an_experiment_is_on_the_page()
    {
        var page = ComponentsMarkdown.Text();

        Assert.All(ExperimentKinds.All, c => Assert.Contains($"\n## {c.Kind}\n", page, StringComparison.Ordinal));
        Assert.All(ExperimentKinds.All.SelectMany(c => c.All),
            c => Assert.Contains($"### `{c.Name}`\n", page, StringComparison.Ordinal));
        Assert.Contains("| `training.optimizer` | Optimizer | `sgd` |", page, StringComparison.Ordinal);
        Assert.Equal(page, ComponentsMarkdown.Text());
    }
}
