using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments.Json;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;

namespace Orleans.FL.Learning.Experiments;

/// <summary>
/// The metrics that an experiment's nodes may emit: those that it names, and those of its components.
/// </summary>
public static class EmittedMetrics
{
    /// <summary>The metrics, each once, in the order in which the experiment file has what brings them.</summary>
    /// <param name="experiment">The experiment.</param>
    public static IReadOnlyList<Metric> Of(Experiment experiment) =>
        [.. All(experiment).Select(m => m.Metric).DistinctBy(m => m.Name)];

    /// <summary>What is wrong with the metrics of an experiment.</summary>
    /// <param name="experiment">The experiment.</param>
    internal static IEnumerable<ValidationError> Check(Experiment experiment)
    {
        foreach (var same in All(experiment).GroupBy(m => m.Metric.Name))
        {
            var (first, named) = (same.First().Metric, false);
            foreach (var (path, metric, chosen) in same)
            {
                if (chosen && named)
                    yield return new ValidationError(path, $"The metric {metric.Name} is named twice; leave one out.");
                else if ((metric.Rule, metric.Unit) != (first.Rule, first.Unit))
                    yield return new ValidationError(path,
                        $"Its metric {metric.Name} is another one than the one of that name before; leave one out.");
                named |= chosen;
            }
        }
    }

    private static IEnumerable<(string Path, Metric Metric, bool Chosen)> All(Experiment experiment) =>
        ExperimentChecks.Choices(typeof(Experiment), experiment, JsonPath.Root).SelectMany(c => Emits(c.Choice) switch
        {
            Metric metric => [(c.Path, metric, true)],
            IEmitMetrics station => station.Metrics.Select(m => (c.Path, m, false)),
            _ => Enumerable.Empty<(string, Metric, bool)>(),
        });

    /// <summary>The component, if it is a metric or emits some: others may be dear to make.</summary>
    private static object? Emits(IChosenComponent choice)
    {
        var catalog = Catalogs.Of(choice.Kind);
        if (catalog.Find(choice.Name)?.Type is not { } type) return null;
        if (!type.IsAssignableTo(typeof(Metric)) && !type.IsAssignableTo(typeof(IEmitMetrics))) return null;
        try
        {
            return catalog.Create(choice.Name, choice.Options);
        }
        catch (ExperimentException)
        {
            return null; // another check reports what is wrong with it
        }
    }
}
