using System.ComponentModel;
using System.Diagnostics;

namespace Orleans.FL.Learning.Datasets.Fetching;

/// <summary>A program of the system, started with an argument list and never through a shell.</summary>
/// <param name="name">Name of the program.</param>
/// <param name="folder">Folder to run it in.</param>
internal sealed class ExternalTool(string name, string folder)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(15);

    /// <summary>Runs it to its end.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="output">Receives each line of its standard output.</param>
    /// <param name="cancellationToken">Ends it, and what it started.</param>
    /// <exception cref="ToolFailedException">It ended with another code than 0.</exception>
    /// <exception cref="DatasetFetchException">It is not installed, or never ended.</exception>
    public async Task RunAsync(
        IEnumerable<string> arguments, Action<string>? output, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = StartInfo(arguments) };
        var complaints = new List<string>();
        process.OutputDataReceived += (_, e) => output?.Invoke(e.Data ?? "");
        process.ErrorDataReceived += (_, e) => complaints.Add(e.Data ?? "");
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            throw new DatasetFetchException($"{name} is not installed here");
        }
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await WaitAsync(process, cancellationToken);
        if (process.ExitCode != 0)
            throw new ToolFailedException($"{name} says: {Reason(complaints, process.ExitCode)}");
    }

    private ProcessStartInfo StartInfo(IEnumerable<string> arguments) => new(name, arguments)
    {
        WorkingDirectory = folder,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["LC_ALL"] = "C", ["DEBIAN_FRONTEND"] = "noninteractive" },
    };

    private async Task WaitAsync(Process process, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            throw new DatasetFetchException($"{name} took more than {Deadline.TotalMinutes} minutes");
        }
    }

    private static string Reason(List<string> complaints, int exitCode) =>
        complaints.FirstOrDefault(line => line.StartsWith("E:", StringComparison.Ordinal))
        ?? complaints.LastOrDefault(line => line.Length > 0)
        ?? $"exit code {exitCode}";
}
