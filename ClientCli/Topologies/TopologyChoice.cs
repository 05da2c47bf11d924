using System.Text.Json;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.ClientCli.Topologies;

/// <summary>A topology as a command line chose it, for so many nodes and a seed.</summary>
/// <param name="Name">The component's name.</param>
/// <param name="Topology">The topology.</param>
/// <param name="Nodes">Number of nodes.</param>
/// <param name="Seed">Seed of what is random.</param>
internal sealed record TopologyChoice(string Name, Topology Topology, int Nodes, long Seed)
{
    private const string Here = "$.topology";

    /// <summary>The seed's randomness.</summary>
    public Seeds Seeds { get; } = new(Seed);

    /// <summary>Number of rounds after which graphs repeat; 0 if they never do.</summary>
    public int Period { get; } = Topology.MixingPeriod(Nodes);

    /// <summary>Reads name and options as an experiment file would, with the same errors.</summary>
    /// <param name="name">Name or alias.</param>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="options">Entries <c>option=value</c>.</param>
    /// <exception cref="ExperimentException">Something is wrong with them.</exception>
    public static TopologyChoice Of(string name, int nodes, long seed, IReadOnlyList<string> options)
    {
        var json = JsonSerializer.Serialize(new
        {
            name = "topology",
            seed,
            nodes,
            rounds = 1,
            algorithm = "gossip",
            topology = name,
            dataset = "digits",
            partitioner = "iid",
            model = "logistic-regression",
        });
        try
        {
            var experiment = ExperimentReader.Read(json,
                [.. options.Select(o => o.StartsWith("topology.", StringComparison.Ordinal) ? o : $"topology.{o}")],
                Directory.GetCurrentDirectory());
            return new(experiment.Topology.Name, experiment.Topology.Create(), nodes, seed);
        }
        catch (ExperimentException e)
        {
            throw new ExperimentException([.. e.Errors.Select(f => f with { Path = Short(f.Path) })]);
        }
    }

    /// <summary>The mixing matrix of a round.</summary>
    /// <param name="round">Round, from 0.</param>
    public Mixing Mixing(int round) => Topology.Mix(Topology.Draw(Nodes, Seeds, round), Seeds, round);

    /// <summary>
    /// The mixing matrices of one period from a round on; of that round alone if graphs never repeat.
    /// </summary>
    /// <param name="round">Round, from 0.</param>
    public IReadOnlyList<Mixing> OnePeriod(int round) =>
        [.. Enumerable.Range(round, Math.Max(1, Period)).Select(Mixing)];

    private static string Short(string path) => path == Here ? ""
        : path.StartsWith($"{Here}.", StringComparison.Ordinal) ? path[(Here.Length + 1)..] : path;
}
