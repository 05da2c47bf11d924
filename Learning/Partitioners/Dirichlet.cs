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
/// Papers mean two things by α: Dir(α·1), as FedDyn's and most others' code has it, and Dir(α·p) of Hsu et al.; see
/// the option <c>prior</c>.
/// </remarks>
/// <param name="options">Concentration, and how much each node gets.</param>
[Component("dirichlet",
    Summary = "Each node has its own class prior, drawn from a Dirichlet distribution; sizes are exact.",
    Source = "Hsu, Qi, Brown, arXiv:1909.06335, 2019; balanced as in Acar et al., FedDyn, ICLR 2021")]
public sealed class Dirichlet(Dirichlet.Options options) : SizedPartitioner(options), IUseClasses
{
    private const string Ones = "ones", SharesOfData = "shares";

    /// <summary>Options of <see cref="Dirichlet"/>.</summary>
    public sealed record Options : PartitionOptions
    {
        /// <summary>Concentration of the priors.</summary>
        [Option("Concentration of the class priors: near 0 a node has one class, large it has all alike.",
            Min = 0, Max = 1_000_000, AboveMin = true)]
        public double Alpha { get; init; } = 0.5;

        /// <summary>What α is shared out by.</summary>
        [Option("Which distribution the class priors are drawn from: ones = Dir(α·1), α for each class; shares = "
            + "Dir(α·p) as Hsu et al. have it, α times the share p that the class has in the data, so that 10 classes "
            + "of one size have α/10 each.", Values = [Ones, SharesOfData])]
        public string Prior { get; init; } = Ones;
    }

    /// <inheritdoc/>
    public string? WithoutClasses => "take the partitioner iid, or bootstrap";

    /// <inheritdoc/>
    protected override int[][] Draw(PartitionRequest request, int[] sizes)
    {
        var stream = request.Seeds.Stream("partition");
        var pools = new ClassPools(request.TrainLabels, request.Classes, stream);
        var weights = WeightsOf(request);
        var priors = sizes.Select(_ => ClassPrior.Draw(options.Alpha, weights, stream)).ToArray();
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

    /// <summary>What α is multiplied by for each class; 0 for one that nobody can hold.</summary>
    private double[] WeightsOf(PartitionRequest request)
    {
        if (options.Prior == Ones) return [.. Enumerable.Repeat(1.0, request.Classes)];
        var counts = new int[request.Classes];
        foreach (var label in request.TrainLabels) counts[label]++;
        return [.. counts.Select(count => (double)count / request.TrainLabels.Length)];
    }

    private static int DrawClass(ClassPrior prior, ClassPools pools, RandomStream stream)
    {
        var shares = prior.Among(label => pools.Stock(label) > 0);
        var left = stream.NextDouble() * shares.Sum();
        var chosen = -1;
        for (var label = 0; label < shares.Length; label++)
        {
            if (shares[label] == 0) continue;
            chosen = label; // rounding may carry past the last class
            left -= shares[label];
            if (left < 0) break;
        }
        return chosen;
    }
}
