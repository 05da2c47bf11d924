using Xunit;

namespace Orleans.FL.Cluster.Tests.Chaos;

/// <summary>A test that takes long and has a shorter one beside it; skipped unless everything is tried.</summary>
internal sealed class NightlyFactAttribute : FactAttribute
{
    public NightlyFactAttribute() =>
        Skip = Outages.Full
            ? null
            : "It takes more than a minute; ORLEANS_FL_CHAOS_FULL=1 runs it, as .ci/nightly does.";
}
