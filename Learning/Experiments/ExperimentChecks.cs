using System.Collections;
using System.Text.RegularExpressions;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments.Json;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Experiments;

/// <summary>What must hold between the values of an experiment, beyond the range of each.</summary>
internal static partial class ExperimentChecks
{
    /// <summary>Everything that does not hold.</summary>
    /// <param name="experiment">An experiment whose every single value is in range.</param>
    public static IEnumerable<ValidationError> Check(Experiment experiment) =>
        CheckName(experiment)
            .Concat(CheckOverrides(experiment))
            .Concat(Memberships.Check(experiment))
            .Concat(CheckDevices(experiment))
            .Concat(CheckEngines(experiment))
            .Concat(CheckPublicSet(experiment))
            .Concat(CheckCodec(experiment))
            .Concat(EmittedMetrics.Check(experiment))
            .Concat(UpdatePathChecks.Check(experiment))
            .Concat(CheckChoices(experiment))
            .Distinct(); // components of one class may find the same error in the same place

    private static IEnumerable<ValidationError> CheckName(Experiment experiment)
    {
        if (!NamePattern().IsMatch(experiment.Name))
            yield return new ValidationError("$.name",
                $"The name {Spelling.Quote(experiment.Name)} cannot begin a folder's name: " +
                "use letters, digits, dots, dashes and underscores, and begin with a letter or digit.");
    }

    private static IEnumerable<ValidationError> CheckOverrides(Experiment experiment)
    {
        for (var i = 0; i < experiment.NodeOverrides.Count; i++)
        {
            var nodes = experiment.NodeOverrides[i].Nodes;
            if (nodes.Count == 0)
                yield return new ValidationError($"$.nodeOverrides[{i}].nodes",
                    "The list names no node; name some or leave the entry out.");
            for (var j = 0; j < nodes.Count; j++)
                if (nodes[j] >= experiment.Nodes)
                    yield return new ValidationError($"$.nodeOverrides[{i}].nodes[{j}]",
                        $"There is no node {nodes[j]}: ranks are 0 to {experiment.Nodes - 1}.");
        }
    }

    private static IEnumerable<ValidationError> CheckDevices(Experiment experiment)
    {
        for (var i = 0; i < experiment.Devices.Count; i++)
        {
            var pin = experiment.Devices[i];
            foreach (var node in pin.Nodes.Where(n => n >= experiment.Nodes))
                yield return new ValidationError($"$.devices[{i}].nodes",
                    $"There is no node {node}: ranks are 0 to {experiment.Nodes - 1}.");
            if (pin is { Silo: null, Label: null, Device: null } || pin.Nodes.Count == 0)
                yield return new ValidationError($"$.devices[{i}]",
                    "The entry pins nothing; name nodes and a silo, a label or a device, or leave it out.");
            if (pin.Device is not null && !DevicePattern().IsMatch(pin.Device))
                yield return new ValidationError($"$.devices[{i}].device",
                    $"{Spelling.Quote(pin.Device)} is no device: use cpu, or cuda:N with the number of a GPU.");
        }
    }

    private static IEnumerable<ValidationError> CheckEngines(Experiment experiment) =>
        from t in experiment.NodeOverrides.Select((o, i) => (Path: $"$.nodeOverrides[{i}].training.engine", o.Training))
            .Prepend((Path: "$.training.engine", experiment.Training))
        where t.Training is not null
        let refusal = EngineChoice.RefusalOfNamed(experiment.Model, t.Training, experiment.TaskOrDefault())
        where refusal is not null
        select new ValidationError(t.Path, refusal);

    private static IEnumerable<ValidationError> CheckPublicSet(Experiment experiment)
    {
        if (experiment.PublicSet?.Dataset is { } dataset && dataset == experiment.Dataset)
            yield return new ValidationError("$.publicSet.dataset", $"'{dataset.Name}' is what the nodes train on; "
                + "leave dataset out, which takes the samples out of it before it is split, or name another one.");
    }

    private static IEnumerable<ValidationError> CheckCodec(Experiment experiment)
    {
        if (experiment.Codec.Name != Codec.Plain
            && experiment.Algorithm.Create().Exchanges(experiment.Topology.Create())
                .Contains(ExchangeKind.SplitSession))
            yield return new ValidationError("$.codec", $"The algorithm {experiment.Algorithm.Name} sends labels "
                + $"beside activations, which the codec {experiment.Codec.Name} must not round; leave codec out.");
    }

    private static IEnumerable<ValidationError> CheckChoices(Experiment experiment)
    {
        var facts = FactsOfExperiment.Of(experiment);
        return Choices(typeof(Experiment), experiment, JsonPath.Root)
            .SelectMany(c => CheckChoice(c.Path, c.Choice, experiment, facts));
    }

    private static IEnumerable<ValidationError> CheckChoice(
        string path, IChosenComponent choice, Experiment experiment, ExperimentFacts facts)
    {
        IReadOnlyList<ValidationError> errors;
        try
        {
            var component = Catalogs.Of(choice.Kind).Create(choice.Name, choice.Options);
            var needs = component is Algorithm algorithm ? AlgorithmChecks.Check(algorithm, experiment) : [];
            errors = [.. needs, .. component is ICheckSettings check ? check.Check(facts) : [],
                .. CheckClasses(choice.Name, component, experiment)];
        }
        catch (ExperimentException e)
        {
            errors = e.Errors;
        }
        return errors.Select(f => f with { Path = JsonPath.Within(path, f.Path) });
    }

    /// <summary>What works on classes of samples needs a task that has such.</summary>
    private static IEnumerable<ValidationError> CheckClasses(string name, object component, Experiment experiment)
    {
        if (component is IUseClasses { WithoutClasses: { } remedy } && !experiment.TaskOrDefault().HasClasses)
            yield return new ValidationError("",
                $"'{name}' works on the classes of samples, and the task {experiment.TaskName} has none; {remedy}.");
    }

    /// <summary>All components that a record chose, wherever they are in it.</summary>
    internal static IEnumerable<(string Path, IChosenComponent Choice)> Choices(
        Type record, object settings, string path) =>
        OptionSpec.Of(record).SelectMany(o => ChoicesOf(o.Type, o.Get(settings), JsonPath.Key(path, o.Key)));

    private static IEnumerable<(string, IChosenComponent)> ChoicesOf(
        OptionType type, object? value, string path) => value switch
        {
            IChosenComponent { Options: { } options } choice =>
                Choices(options.GetType(), options, path).Prepend((path, choice)),
            IChosenComponent choice => [(path, choice)],
            IEnumerable items when type.Item is { Form: not (OptionForm.Whole or OptionForm.Number) } item =>
                items.Cast<object>().SelectMany((v, i) => ChoicesOf(item, v, JsonPath.Item(path, i))),
            not null when type.Form == OptionForm.Settings => Choices(type.Type, value, path),
            _ => [],
        };

    [GeneratedRegex(@"\A(cpu|cuda:[0-9]{1,3})\z")]
    private static partial Regex DevicePattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    private static partial Regex NamePattern();
}
