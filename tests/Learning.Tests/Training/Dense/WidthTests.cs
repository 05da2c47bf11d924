using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Orleans.FL.Learning.Training.Engines.Dense;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training.Dense;

/// <summary>The dense engine has the same bits whatever registers the processor has, and needs no libtorch.</summary>
public class WidthTests
{
    private const int Timeout = 240_000;

    [Fact]
    public void Registers_of_eight_and_of_sixteen_floats_give_the_same_bits()
    {
        using var narrow = new DenseEngine(wide: false);
        using var wide = new DenseEngine(wide: true);

        Assert.Equal(DenseProbe.Hash(narrow), DenseProbe.Hash(wide));
    }

    /// <summary>
    /// Processors without AVX-512, without AVX2 (and so FMA), and without anything, each as a process of its own.
    /// </summary>
    [Theory(Timeout = Timeout)]
    [InlineData(512, "")]
    [InlineData(256, "DOTNET_EnableAVX512=0 DOTNET_EnableAVX512F=0")]
    [InlineData(128, "DOTNET_EnableAVX2=0")]
    [InlineData(0, "DOTNET_EnableHWIntrinsic=0")]
    public async Task A_processor_with_smaller_registers_gives_the_same_bits(int width, string variables)
    {
        using var engine = new DenseEngine();

        var answer = await Ask("dense-hash", variables);

        // On a machine whose own registers are smaller the larger ones cannot be tried.
        if (width == 0 || Vector512.IsHardwareAccelerated) Assert.Equal($"{width}", answer[0]);
        Assert.Equal(width >= 256 && Fma.IsSupported, bool.Parse(answer[1]));
        Assert.Equal(DenseProbe.Hash(engine), answer[2]);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_run_of_our_kernels_loads_no_libtorch()
    {
        Assert.Equal(["False"], await Ask("loads-torch", "", "model=cnn", "training.optimizer=adam"));
        Assert.Equal(["False"], await Ask("loads-torch", "", "model=logistic-regression"));
        Assert.Equal(["False"], await Ask("loads-torch", "", "model=mlp", "algorithm=scaffold"));
        // what is asked can be seen
        Assert.Equal(["True"], await Ask("loads-torch", "", "model=mlp", "training.engine=torch"));
    }

    private static async Task<string[]> Ask(string question, string variables, params string[] args)
    {
        var file = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("dotnet", [typeof(WidthTests).Assembly.Location, question, file, .. args])
            {
                RedirectStandardError = true,
            };
            foreach (var variable in variables.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                start.Environment[variable.Split('=')[0]] = variable.Split('=')[1];
            using var process = Process.Start(start)!; // a process is started anew
            var error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, error);
            return await File.ReadAllLinesAsync(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
