using System.Diagnostics;
using Orleans.FL.ClientCli.Benchmarking;
using Xunit;

namespace Orleans.FL.ClientCli.Tests;

/// <summary>What a command loads is what its start costs.</summary>
public sealed class LoadedCodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory(Timeout = 60_000)]
    [InlineData("--help")]
    [InlineData("list")]
    [InlineData("validate", "e.json")]
    [InlineData("components", "fedbn")]
    [InlineData("schema")]
    [InlineData("topology", "list")]
    [InlineData("data", "list")]
    public async Task A_command_that_needs_no_silo_loads_neither_Orleans_nor_libtorch(params string[] args)
    {
        _folder.Write("e.json", Sample.Experiment);

        var loaded = await LoadedBy(args);

        Assert.Contains("flctl", loaded); // the list is one
        Assert.DoesNotContain(loaded, name => name.StartsWith("Orleans.", StringComparison.Ordinal)
            && !name.StartsWith("Orleans.FL.", StringComparison.Ordinal));
        Assert.DoesNotContain(loaded, name => name.Contains("torch_cpu") || name.Contains("LibTorchSharp"));
        Assert.DoesNotContain("Orleans.FL.Grains", loaded);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("--help")]
    [InlineData("list")]
    public async Task A_command_that_reads_no_experiment_does_not_look_at_the_catalogs(params string[] args) =>
        Assert.DoesNotContain("TorchSharp", await LoadedBy(args)); // models of the catalog are TorchSharp's modules

    private async Task<string[]> LoadedBy(string[] args)
    {
        var file = Path.Combine(_folder.Path, "loaded.txt");
        var command = OwnProgram.Command(args);
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        start.Environment[StartupHook.Variable] = file;
        start.Environment["ORLEANS_FL_SILO"] = "127.0.0.1:1"; // nobody listens there
        using var program = Process.Start(start)!;
        var (output, error) = (program.StandardOutput.ReadToEndAsync(), program.StandardError.ReadToEndAsync());
        await program.WaitForExitAsync();
        Assert.True(program.ExitCode == 0, await output + await error);
        return await File.ReadAllLinesAsync(file);
    }
}
