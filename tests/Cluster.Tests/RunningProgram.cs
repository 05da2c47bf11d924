using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Orleans.FL.Cluster.Tests;

/// <summary>A program of ours in a process of its own.</summary>
internal sealed partial class RunningProgram : IAsyncDisposable
{
    private const int SigInt = 2;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly List<string> _error = [];
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    /// <summary>Starts a program that was built beside the tests.</summary>
    /// <param name="assembly">Its file, e.g. <c>flctl.dll</c>.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="folder">Its working folder.</param>
    /// <param name="machine">Where it runs.</param>
    /// <param name="environment">Variables beside those of the tests.</param>
    public RunningProgram(string assembly, string[] args, string folder, Machine machine,
        params (string Name, string Value)[] environment)
    {
        string[] command = [.. machine.Within, "dotnet", Path.Combine(AppContext.BaseDirectory, assembly), .. args];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Take(e.Data, _output);
        _process.ErrorDataReceived += (_, e) => Take(e.Data, _error);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string[] Output => Copy(_output);

    public string[] Error => Copy(_error);

    /// <summary>Waits for a line with some text, on either stream.</summary>
    /// <param name="text">The text.</param>
    /// <param name="within">Gives up after this time; by default two minutes.</param>
    public async Task<string> Line(string text, TimeSpan? within = null)
    {
        using var deadline = new CancellationTokenSource(within ?? AnswersWithin);
        try
        {
            while (true)
            {
                var line = await _lines.Reader.ReadAsync(deadline.Token);
                if (line.Contains(text, StringComparison.Ordinal)) return line;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            throw new InvalidOperationException($"No line has '{text}': {Everything}", e);
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <param name="within">Gives up after this time; by default two minutes.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> End(TimeSpan? within = null)
    {
        using var deadline = new CancellationTokenSource(within ?? AnswersWithin);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"The program did not end: {Everything}", e);
        }
        return _process.ExitCode;
    }

    /// <summary>Ctrl+C.</summary>
    public void Interrupt() => _ = Signal(_process.Id, SigInt);

    /// <summary>The polite request to end.</summary>
    public void Terminate() => _ = Signal(_process.Id, SigTerm);

    /// <summary>It does nothing any more, and does not know it.</summary>
    public void Freeze() => _ = Signal(_process.Id, SigStop);

    /// <summary>It goes on as if nothing had been.</summary>
    public void Thaw() => _ = Signal(_process.Id, SigCont);

    /// <summary>Whether it is still there.</summary>
    public bool Running => !_process.HasExited;

    /// <summary>Power loss.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private string Everything => string.Join('\n', [.. Output, .. Error]);

    private void Take(string? line, List<string> lines)
    {
        if (line is null) return;
        lock (lines) lines.Add(line);
        _lines.Writer.TryWrite(line);
    }

    private static string[] Copy(List<string> lines)
    {
        lock (lines) return [.. lines];
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
