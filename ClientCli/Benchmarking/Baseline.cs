using System.Text.Json;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>Ratios of an earlier day, by job and figure. Seconds are not kept: they are the machine's.</summary>
/// <param name="Ratios">For each job its ratios by <see cref="Figure.Key"/>.</param>
internal sealed record Baseline(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Ratios)
{
    /// <summary>How much worse a ratio may be than before.</summary>
    public const double Tolerance = 0.15;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>The ratios of measurements.</summary>
    /// <param name="measurements">One a job.</param>
    public static Baseline Of(IEnumerable<Measurement> measurements) => new(measurements
        .Select(m => (m.Job.Name, Ratios: Finite(m)))
        .Where(m => m.Ratios.Count > 0).ToDictionary(m => m.Name, m => (IReadOnlyDictionary<string, double>)m.Ratios));

    /// <summary>Reads a file that <see cref="Save"/> wrote.</summary>
    /// <param name="file">Its path.</param>
    /// <exception cref="MeasurementException">It is missing, or no such file.</exception>
    public static Baseline Load(string file)
    {
        try
        {
            var ratios = JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, double>>>(
                UserFile.Read(file, UserFile.LargestSettings, m => new IOException(m))) ?? [];
            return new Baseline(ratios.ToDictionary(j => j.Key, j => (IReadOnlyDictionary<string, double>)j.Value));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new MeasurementException(
                $"The baseline {file} cannot be read ({e.Message}); write one with --save-baseline {file}.");
        }
    }

    /// <summary>
    /// Writes the ratios, rounded to three digits; jobs of the file that were not measured now are kept.
    /// </summary>
    /// <param name="file">The path.</param>
    public void Save(string file)
    {
        var all = new SortedDictionary<string, IReadOnlyDictionary<string, double>>((File.Exists(file)
            ? Load(file).Ratios
            : new Dictionary<string, IReadOnlyDictionary<string, double>>()).ToDictionary(), StringComparer.Ordinal);
        foreach (var (job, ratios) in Ratios) all[job] = ratios.ToDictionary(r => r.Key, r => Math.Round(r.Value, 3));
        File.WriteAllText(file, JsonSerializer.Serialize(all, Json) + "\n");
    }

    /// <summary>What became worse by more than <see cref="Tolerance"/>, a sentence each.</summary>
    /// <param name="measurements">One a job; a ratio that the baseline lacks is not compared.</param>
    public IEnumerable<string> Worse(IEnumerable<Measurement> measurements) =>
        from m in measurements
        from figure in m.Values.Keys.Where(f => f.IsRatio)
        where Ratios.TryGetValue(m.Job.Name, out _) && Ratios[m.Job.Name].ContainsKey(figure.Key)
        let before = Ratios[m.Job.Name][figure.Key]
        where figure.Better == Better.More
            ? !(m[figure] >= before * (1 - Tolerance))
            : !(m[figure] <= before * (1 + Tolerance))
        select $"{m.Job.Name} is worse than the baseline by more than {Tolerance:P0}: "
            + $"{figure.Text(m[figure])} {figure.Unit}, before {figure.Text(before)}.";

    private static Dictionary<string, double> Finite(Measurement m) =>
        m.Values.Where(v => v.Key.IsRatio && double.IsFinite(v.Value)).ToDictionary(v => v.Key.Key, v => v.Value);
}
