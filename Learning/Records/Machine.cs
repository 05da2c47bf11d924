using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Orleans.FL.Learning.Records;

/// <summary>The machine of a run, as far as it can change its numbers or its speed.</summary>
/// <param name="Host">Host name.</param>
/// <param name="Os">Operating system and version.</param>
/// <param name="Cpu">Model of the processor; its architecture if the model is not known.</param>
/// <param name="Cores">Logical processors that the process may use.</param>
/// <param name="InstructionSet">Vector instructions in use, widest first, e.g. <c>AVX-512F AVX2 FMA</c>.</param>
/// <param name="DotNet">Version of the .NET runtime.</param>
public sealed record Machine(string Host, string Os, string Cpu, int Cores, string InstructionSet, string DotNet)
{
    /// <summary>The machine that this process runs on.</summary>
    public static Machine Here() => new(
        Environment.MachineName, RuntimeInformation.OSDescription, CpuModel(), Environment.ProcessorCount,
        Instructions(), Environment.Version.ToString());

    private static string Instructions()
    {
        (bool Supported, string Name)[] sets =
        [
            (Avx512F.IsSupported, "AVX-512F"), (Avx2.IsSupported, "AVX2"), (Fma.IsSupported, "FMA"),
            (Sse42.IsSupported && !Avx2.IsSupported, "SSE4.2"), (AdvSimd.IsSupported, "AdvSIMD"),
        ];
        var names = string.Join(' ', sets.Where(s => s.Supported).Select(s => s.Name));
        return names.Length == 0 ? "baseline" : names;
    }

    private static string CpuModel()
    {
        const string facts = "/proc/cpuinfo";
        var line = File.Exists(facts)
            ? File.ReadLines(facts).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':') + 1)..].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
            ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
