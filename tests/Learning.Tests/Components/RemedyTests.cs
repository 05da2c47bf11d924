using Orleans.FL.Learning.Components;
using Xunit;

namespace Orleans.FL.Learning.Tests.Components;

/// <summary>What a message advises can be done.</summary>
public sealed class RemedyTests
{
    [Theory]
    [InlineData("partners", 7, "partners", "to 0 for all", "set partners to 7 or less, or to 0 for all")]
    [InlineData("partners", 1, "partners", "to 0 for all", "set partners to 1, or to 0 for all")]
    [InlineData("partners", 0, "partners", "to 0 for all", "set partners to 0 for all")]
    [InlineData("kept", 3, "keptAfter", "to 0", "set kept to 3 or less, or keptAfter to 0")]
    [InlineData("kept", 0, "keptAfter", "to 0", "set keptAfter to 0")]
    public void A_number_that_is_too_large_has_a_remedy_that_is_possible(
        string key, int most, string otherKey, string zero, string words) =>
        Assert.Equal(words, Remedy.AtMost(key, most, otherKey, zero));
}
