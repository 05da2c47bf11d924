using System.Text;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments.Json;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Experiments;

/// <summary>Reads experiment files, and reports all errors of one at once.</summary>
public static class ExperimentReader
{
    /// <summary>Bytes that an experiment may have.</summary>
    public static int MostBytes => JsonLimits.Default.Bytes;

    private const string SchemaKey = "$schema";
    private const string TrainingKey = "training";

    /// <summary>The experiment of a JSON text: comments and trailing commas are allowed.</summary>
    /// <param name="json">The text; at most 1 MiB as UTF-8, nested at most 32 deep.</param>
    /// <exception cref="ExperimentException">The text is wrong; every error has its JSON path.</exception>
    public static Experiment Read(string json) => Read(json, []);

    /// <summary>The experiment of a JSON text with some values changed.</summary>
    /// <param name="json">The text; at most 1 MiB as UTF-8, nested at most 32 deep.</param>
    /// <param name="overrides">
    /// Changes in order, each <c>path=value</c>; the value is JSON or else a text. Another name for a component drops
    /// the options of the one before.
    /// </param>
    /// <exception cref="ExperimentException">The text or an override is wrong; errors have JSON paths.</exception>
    public static Experiment Read(string json, IReadOnlyList<string> overrides) => Read(json, overrides, null);

    /// <summary>The experiment of a JSON text with some values changed, and the files that it names read.</summary>
    /// <param name="json">The text; at most 1 MiB as UTF-8, nested at most 32 deep.</param>
    /// <param name="overrides">Changes in order, each <c>path=value</c>.</param>
    /// <param name="folder">Folder of files that a component names; their content becomes part of the experiment. Null
    /// where no file may be read, as for an experiment that came from elsewhere.</param>
    /// <exception cref="ExperimentException">The text, an override or a file is wrong; errors have JSON
    /// paths.</exception>
    public static Experiment Read(string json, IReadOnlyList<string> overrides, string? folder) =>
        Read(json, overrides, folder, e => new ExperimentException(e.Message));

    private static Experiment Read(string json, IReadOnlyList<string> overrides, string? folder,
        Func<JsonSyntaxException, ExperimentException> wrong)
    {
        var errors = new ErrorList();
        var root = Parse(json, errors, wrong);
        var change = new ExperimentOverride(errors);
        foreach (var text in overrides) change.Apply(root, typeof(Experiment), text);

        var experiment = Bind(root, errors);
        errors.ThrowIfAny();
        if (experiment is null) throw new InvalidOperationException("A wrong experiment was left without an error.");
        if (folder is not null && experiment.Topology.Options is IReadFiles files)
            experiment = experiment with { Topology = experiment.Topology with { Options = files.Read(folder) } };
        if (folder is not null && experiment.Pace.Options is IReadFiles traces)
            experiment = experiment with { Pace = experiment.Pace with { Options = traces.Read(folder) } };
        if (folder is not null && experiment.Dataset.Options is IReadFiles data)
            experiment = experiment with { Dataset = experiment.Dataset with { Options = data.Read(folder) } };
        if (folder is not null && experiment.PublicSet is { Dataset: { Options: IReadFiles shared } other } settings)
            experiment = experiment with
            {
                PublicSet = settings with { Dataset = other with { Options = shared.Read(folder) } }
            };
        foreach (var error in ExperimentChecks.Check(experiment)) errors.Add(error.Path, error.Message);
        CheckLength(experiment, errors);
        errors.ThrowIfAny();
        return experiment;
    }

    /// <summary>The experiment of a file with some values changed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overrides">Changes in order, each <c>path=value</c>.</param>
    /// <exception cref="ExperimentException">The file is not there, or it or an override is wrong.</exception>
    public static Experiment ReadFile(string path, IReadOnlyList<string> overrides)
    {
        try
        {
            var bytes = UserFile.Read(path, JsonLimits.Default.Bytes, m => new ExperimentException(m));
            return Read(new UTF8Encoding(false, true).GetString(bytes), overrides,
                Path.GetDirectoryName(Path.GetFullPath(path)),
                e => new ExperimentException($"The file '{path}' is not JSON: {Spelling.Lower(e.Message)}"));
        }
        catch (DecoderFallbackException e)
        {
            throw new ExperimentException(
                $"The file '{path}' is not UTF-8 text: its byte {e.Index} belongs to no character.");
        }
    }

    private static JsonMap Parse(
        string json, ErrorList errors, Func<JsonSyntaxException, ExperimentException> wrong)
    {
        JsonTree tree;
        try
        {
            tree = JsonTreeReader.Read(json, JsonPath.Root, JsonLimits.Default, errors);
        }
        catch (JsonSyntaxException e)
        {
            throw wrong(e);
        }
        if (tree is not JsonMap root)
            throw new ExperimentException(
                [new ValidationError(JsonPath.Root, $"An experiment is an object {{ … }}, but this is {tree.Words}.")]);
        if (root.Values.Remove(SchemaKey, out var schema) && schema is not JsonText)
            errors.Add(JsonPath.Key(JsonPath.Root, SchemaKey), $"The value must be a text, but is {schema.Words}.");
        return root;
    }

    /// <summary>Binds the file; what a node's training leaves out is the experiment's.</summary>
    private static Experiment? Bind(JsonMap root, ErrorList errors)
    {
        var binder = new JsonBinder(errors);
        if (root.Values.TryGetValue(TrainingKey, out var tree)
            && new JsonBinder(new ErrorList()).Bind<TrainingSettings>(tree, "") is { } training)
            binder.Inherited[OptionSpec.Of(typeof(NodeOverride)).Single(o => o.Key == TrainingKey).Property] = training;
        return binder.Bind<Experiment>(root, JsonPath.Root);
    }

    /// <summary>What is registered and sent is the text with all defaults, which must be readable too.</summary>
    private static void CheckLength(Experiment experiment, ErrorList errors)
    {
        var length = Encoding.UTF8.GetByteCount(ExperimentWriter.Canonical(experiment));
        if (length > JsonLimits.Default.Bytes)
            errors.Add("", $"With all defaults written out the experiment has {length} bytes; " +
                $"at most {JsonLimits.Default.Bytes} can be: use fewer nodeOverrides, or fewer edges or times.");
    }
}
