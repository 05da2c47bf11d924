using Orleans.FL.Learning.Experiments;
using Xunit;

namespace Orleans.FL.Learning.Tests;

public class DependencyTests
{
    [Fact]
    public void Learning_knows_no_Orleans_and_nothing_of_ours() =>
        Assert.DoesNotContain(typeof(Experiment).Assembly.GetReferencedAssemblies(),
            a => a.Name!.StartsWith("Orleans", StringComparison.Ordinal));
}
