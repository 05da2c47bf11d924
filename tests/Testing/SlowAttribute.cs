using Xunit.Abstractions;
using Xunit.Sdk;

namespace Orleans.FL.Testing;

/// <summary>
/// Marks tests that <c>./test.sh --quick</c> leaves out: they have the trait <c>Speed=slow</c>. For what takes seconds
/// where a quicker test of the same idea stays.
/// </summary>
[TraitDiscoverer("Orleans.FL.Testing.SlowDiscoverer", "Orleans.FL.Testing")]
[AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class | AttributeTargets.Method)]
public sealed class SlowAttribute : Attribute, ITraitAttribute;

/// <summary>Gives what is marked with <see cref="SlowAttribute"/> its trait.</summary>
public sealed class SlowDiscoverer : ITraitDiscoverer
{
    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute) => [new("Speed", "slow")];
}
