using System.Text;
using System.Text.Json;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>
/// What a bench has measured so far, a line each in a file, so that one that was interrupted goes on where it was.
/// </summary>
/// <remarks>A line counts for the build and the options that it was measured with.</remarks>
internal sealed class BenchJournal
{
    private readonly Dictionary<string, JsonElement> _found = [];
    private readonly string? _file;
    private readonly string _of;

    private BenchJournal(string? file, string of) => (_file, _of) = (file, of);

    /// <summary>Reads a journal, if there is one.</summary>
    /// <param name="file">Its path, which need not exist; null for a bench that keeps none.</param>
    /// <param name="of">Build and options of this bench.</param>
    /// <exception cref="MeasurementException">The file cannot be read.</exception>
    public static BenchJournal Open(string? file, string of)
    {
        var journal = new BenchJournal(file, of);
        if (file is null || !File.Exists(file)) return journal;
        try
        {
            var bytes = UserFile.Read(file, UserFile.LargestSettings, m => new IOException(m));
            foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n')) journal.Take(line);
            return journal;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeasurementException($"{file} cannot be read ({e.Message}); give --resume another file.");
        }
    }

    /// <summary>A measurement of before; null if there is none.</summary>
    /// <param name="job">The job.</param>
    public Measurement? Find(BenchJob job) =>
        Find<Dictionary<string, double>>(job.Name) is { } figures
            ? new Measurement(job, figures.Where(f => Figure.ByKey.ContainsKey(f.Key))
                .ToDictionary(f => Figure.ByKey[f.Key], f => f.Value))
            : null;

    /// <summary>Keeps a measurement; figures that were not measured are left out.</summary>
    /// <param name="measurement">What was measured.</param>
    public void Add(Measurement measurement) => Add(measurement.Job.Name,
        measurement.Values.Where(v => double.IsFinite(v.Value)).ToDictionary(v => v.Key.Key, v => v.Value));

    /// <summary>Something else of before; null if there is none.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="name">Its name.</param>
    public T? Find<T>(string name) where T : class =>
        _found.TryGetValue(name, out var value) ? value.Deserialize<T>(JsonText.Line) : null;

    /// <summary>Keeps something else.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="MeasurementException">The file cannot be written.</exception>
    public void Add<T>(string name, T value) where T : class
    {
        if (_file is null) return;
        try
        {
            File.AppendAllText(_file,
                JsonSerializer.Serialize(new { of = _of, name, value }, JsonText.Line) + Environment.NewLine);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeasurementException($"{_file} cannot be written ({e.Message}); give --resume another file.");
        }
    }

    private void Take(string line)
    {
        try
        {
            var entry = JsonDocument.Parse(line).RootElement;
            if (entry.GetProperty("of").GetString() == _of)
                _found[entry.GetProperty("name").GetString() ?? ""] = entry.GetProperty("value").Clone();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // the line that was being written when the bench was interrupted
        }
    }
}
