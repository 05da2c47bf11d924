using System.Text.Json;
using Orleans.FL.ClientCli.Output;

namespace Orleans.FL.ClientCli.Benchmarking.Probes;

/// <summary>The machine's limits at the moment.</summary>
/// <param name="Peak">Fused multiply-adds of all lanes' cores at best, in 10^9 operations a second.</param>
/// <param name="Gemm">Rate of libtorch's large matrix products, in 10^9 operations a second.</param>
/// <param name="Read">Bytes read from memory a second, in 10^9.</param>
/// <param name="New">Bytes of memory that a process gets anew a second, in 10^9.</param>
internal sealed record MachineReport(double Peak, double Gemm, double Read, double New);

/// <summary>What the exact mean reached.</summary>
/// <param name="Mean">Bytes of vectors that it took in a second, in 10^9.</param>
/// <param name="Read">Bytes that a mere read took in, in 10^9.</param>
internal sealed record MeanReport(double Mean, double Read);

/// <summary>One line of JSON from one process to the other.</summary>
internal static class ProbeLine
{
    /// <summary>Writes a report.</summary>
    /// <typeparam name="T">Which.</typeparam>
    /// <param name="report">The report.</param>
    public static string Of<T>(T report) => JsonSerializer.Serialize(report, JsonText.Line);

    /// <summary>Reads a report.</summary>
    /// <typeparam name="T">Which.</typeparam>
    /// <param name="line">The line.</param>
    /// <exception cref="MeasurementException">It is none.</exception>
    public static T Read<T>(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(line, JsonText.Line) ?? throw new JsonException("nothing");
        }
        catch (JsonException)
        {
            throw new MeasurementException($"A probe said '{line}', which is no report.");
        }
    }
}
