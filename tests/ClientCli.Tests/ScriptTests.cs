using System.Diagnostics;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.ClientCli.Tests;

/// <summary>Scripts where the environment holds nothing: as in services and bare containers.</summary>
public sealed class ScriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 60_000)]
    public async Task Without_HOME_and_dotnet_on_the_path_both_are_found()
    {
        if (!OperatingSystem.IsLinux()) return;
        var sdk = Path.Combine(_folder.Path, "sdk");
        Directory.CreateDirectory(sdk);
        File.WriteAllText(Path.Combine(sdk, "dotnet"), "#!/bin/sh\necho found\n");
        File.SetUnixFileMode(Path.Combine(sdk, "dotnet"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var (code, lines) = await Run(new() { ["DOTNET_ROOT"] = sdk }, "echo \"$HOME\"; $dotnet; dotnet");

        Assert.Equal(0, code);
        Assert.True(Directory.Exists(lines[0]), lines[0]);
        Assert.Equal(["found", "found"], lines[1..]);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_home_that_is_set_is_kept()
    {
        if (!OperatingSystem.IsLinux()) return;
        var (code, lines) = await Run(new() { ["HOME"] = _folder.Path }, "echo \"$HOME\"");

        Assert.Equal((0, _folder.Path), (code, lines[0]));
    }

    [Slow] // fetches a compiler where it is missing
    [Fact(Timeout = 300_000)]
    public async Task Assemblies_are_compiled_ahead_once_and_forgotten_with_the_last_that_had_them()
    {
        if (!OperatingSystem.IsLinux()) return;
        var (from, to) = (Path.Combine(_folder.Path, "from"), Path.Combine(_folder.Path, "to"));
        Directory.CreateDirectory(from);
        File.WriteAllText(Path.Combine(from, "notes.txt"), "kept");
        var library = Path.Combine(from, "System.IO.Hashing.dll");
        File.Copy(typeof(System.IO.Hashing.XxHash128).Assembly.Location, library);

        await Precompile(from, to);
        var image = Path.Combine(to, "System.IO.Hashing.dll");
        Assert.True(new FileInfo(image).Length > new FileInfo(library).Length); // code is there, too
        Assert.Equal("kept", File.ReadAllText(Path.Combine(to, "notes.txt")));
        var first = Assert.Single(Directory.GetFiles($"{to}.images", "*.dll", SearchOption.AllDirectories));
        var made = File.GetLastWriteTimeUtc(first);
        await Precompile(from, to);
        Assert.Equal(made, File.GetLastWriteTimeUtc(first));

        File.Delete(library);
        await Precompile(from, to);
        Assert.False(File.Exists(first) || File.Exists(image));
    }

    private static async Task Precompile(string from, string to)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(SourceTree.Root, "build", "precompile.sh"), from, to])
        { RedirectStandardError = true };
        using var script = Process.Start(start)!;
        var said = await script.StandardError.ReadToEndAsync();
        await script.WaitForExitAsync();
        Assert.True(script.ExitCode == 0, said);
    }

    /// <summary>Sources what all scripts source, in an environment of its own, with the tools but not dotnet.</summary>
    private async Task<(int Code, string[] Lines)> Run(Dictionary<string, string> environment, string then)
    {
        var tools = Path.Combine(_folder.Path, "tools");
        Directory.CreateDirectory(tools);
        foreach (var tool in (string[])["bash", "id", "getent", "cut", "mkdir", "dirname"])
            File.CreateSymbolicLink(Path.Combine(tools, tool), Found(tool));
        var start = new ProcessStartInfo(Path.Combine(tools, "bash"),
            ["-c", $"set -euo pipefail; source '{SourceTree.Root}/build/dotnet.sh'; {then}"])
        { RedirectStandardOutput = true };
        start.Environment.Clear();
        start.Environment["PATH"] = tools;
        start.Environment["TMPDIR"] = _folder.Path;
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var script = Process.Start(start)!;
        var output = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        return (script.ExitCode, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Found(string tool) => ((string[])["/usr/bin", "/bin"])
        .Select(folder => Path.Combine(folder, tool)).First(File.Exists);
}
