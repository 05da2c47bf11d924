using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Partitioners;

/// <summary>Each node has its own class prior, drawn from a Dirichlet distribution, and exactly its size.</summary>
/// <remarks>
/// Hsu, Qi, Brown, arXiv:1909.06335, 2019, in the balanced form of Acar et al. (FedDyn, ICLR 2021): nodes take turns
/// in random order, and each turn draws a class by the node's prior and takes an unused sample of it. Where a class is
/// used up, the prior is renormalised over the classes in stock (FedDyn's code moves on to the next class index). So
/// the less is left over, the more the last turns differ from the priors; test samples follow what a node really got.
/// </remarks>
/// <param name="options">Concentration, and how much each node gets.</param>
[Component("dirichlet",
    Summary = "Each node has its own class prior, drawn from a Dirichlet distribution; sizes are exact.",
    Source = "Hsu, Qi, Brown, arXiv:1909.06335, 2019; balanced as in Acar et al., FedDyn, ICLR 2021")]
public sealed class Dirichlet(Dirichlet.Options options) : SizedPartitioner(options), IUseClasses
{
    /// <summary>Options of <see cref="Dirichlet"/>.</summary>
    public sealed record Options : PartitionOptions
    {
        /// <summary>Concentration of the priors.</summary>
        [Option("Concentration of the class priors: near 0 a node has one class, large it has all alike.",
            Min = 0, Max = 1_000_000, AboveMin = true)]
        public double Alpha { get; init; } = 0.5;
    }

    /// <inheritdoc/>
    public string? WithoutClasses => "take the partitioner iid, or bootstrap";

    /// <inheritdoc/>
    protected override int[][] Draw(PartitionRequest request, int[] sizes)
    {
        var stream = request.Seeds.Stream("partition");
        var pools = new ClassPools(request.TrainLabels, request.Classes, stream);
        var priors = sizes.Select(_ => Prior(request.Classes, stream)).ToArray();
        var train = sizes.Select(size => new int[size]).ToArray();
        var filled = new int[sizes.Length];
        var waiting = Enumerable.Range(0, sizes.Length).Where(node => sizes[node] > 0).ToList();
        while (waiting.Count > 0)
        {
            var turn = stream.NextInt(waiting.Count);
            var node = waiting[turn];
            train[node][filled[node]++] = pools.Take(DrawClass(priors[node], pools, stream));
            if (filled[node] < sizes[node]) continue;
            waiting[turn] = waiting[^1];
            waiting.RemoveAt(waiting.Count - 1);
        }
        return train;
    }

    /// <summary>A class prior, largest share 1; need not add up to 1.</summary>
    private double[] Prior(int classes, RandomStream stream)
    {
        // Gamma(a) = Gamma(a + 1) * U^(1/a); its logarithm stays finite where the number would be 0 in all classes.
        var logs = new double[classes];
        for (var label = 0; label < classes; label++)
        {
            var wide = Math.Log(stream.NextGamma(options.Alpha + 1));
            logs[label] = wide + Math.Log(1 - stream.NextDouble()) / options.Alpha;
        }
        var largest = logs.Max();
        return [.. logs.Select(log => Math.Exp(log - largest))];
    }

    private static int DrawClass(double[] prior, ClassPools pools, RandomStream stream)
    {
        var sum = 0.0;
        var stocked = 0;
        for (var label = 0; label < prior.Length; label++)
        {
            if (pools.Stock(label) == 0) continue;
            sum += prior[label];
            stocked++;
        }
        // With a tiny alpha every class in stock may have share 0: then they are all alike.
        var even = sum == 0;
        var left = stream.NextDouble() * (even ? stocked : sum);
        var chosen = -1;
        for (var label = 0; label < prior.Length; label++)
        {
            var share = even ? 1 : prior[label];
            if (pools.Stock(label) == 0 || share == 0) continue;
            chosen = label; // rounding may carry past the last class
            left -= share;
            if (left < 0) break;
        }
        return chosen;
    }
}
