using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Paces.Clocks;

/// <summary>The number that you name for each node, in the experiment or in a file.</summary>
/// <remarks>
/// A file is read once, by the program that reads the experiment file; its numbers become part of the experiment.
/// </remarks>
/// <param name="options">Numbers or file.</param>
[Component("trace", Summary = "The number that you name for each node, in the experiment or in a CSV file.")]
public sealed class Trace(Trace.Options options) : Distribution(eachTime: false), ICheckSettings
{
    /// <summary>Options of <see cref="Trace"/>.</summary>
    public sealed record Options : IReadFiles
    {
        /// <summary>The number of each node, by rank.</summary>
        [Option("The number of each node, in the order of ranks.", Min = 0, Max = 1e12)]
        public EquatableList<double> Values { get; init; } = [];

        /// <summary>A file with the numbers.</summary>
        [Option("A CSV file with the numbers, from the folder of the experiment file; "
            + "its first line names the columns, one of them node. Its content takes the place of values.", Max = 4096)]
        public string File { get; init; } = "";

        /// <summary>The file's column that holds them.</summary>
        [Option("The column of the file that holds them.", Min = 1, Max = 100)]
        public string Column { get; init; } = "value";

        /// <inheritdoc/>
        public object Read(string folder)
        {
            if (File.Length == 0) return this;
            var byNode = new SortedDictionary<int, double>();
            foreach (var row in TraceFile.Read(Path.Combine(folder, File), Column))
            {
                if (row.Values[0] is < 0 or > 1e12)
                    throw row.Wrong($"{Column} is {row.Values[0]}; it must be 0 to 1E+12");
                if (!byNode.TryAdd(row.Node, row.Values[0]))
                    throw row.Wrong($"node {row.Node} is there a second time; name each once");
            }
            if (byNode.Count == 0 || byNode.Keys.Last() != byNode.Count - 1)
                throw TraceFile.Wrong($"The file '{Path.Combine(folder, File)}' names {byNode.Count} nodes, "
                    + "but not each from 0 on; add a line for node "
                    + $"{Enumerable.Range(0, byNode.Count + 1).First(n => !byNode.ContainsKey(n))}.");
            return this with { File = "", Values = [.. byNode.Values] };
        }
    }

    /// <inheritdoc/>
    public override bool CanBeZero => options.Values.Contains(0);

    /// <inheritdoc/>
    public override double Draw(int node, RandomStream stream) => options.Values[node];

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (options.File.Length > 0) return [new ValidationError("file",
            $"The file '{options.File}' was not read: name it in an experiment file, or give its content as values.")];
        return options.Values.Count >= facts.Nodes
            ? []
            : [new ValidationError("values",
                $"There are {options.Values.Count} numbers for {facts.Nodes} nodes; give one for each node.")];
    }
}
