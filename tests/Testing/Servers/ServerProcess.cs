using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Orleans.FL.Testing.Servers;

/// <summary>A server program of the system, which ends with the tests even if they are killed.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>The address that only this machine reaches.</summary>
    public const string Loopback = "127.0.0.1";

    // The shell ends the server when its own input ends: when we close it, and when we are gone.
    private const string EndWithUs = """
        signal=$1; shift
        "$@" </dev/null & server=$!
        cat >/dev/null
        kill -"$signal" $server; wait $server
        """;
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(30);

    private readonly Process _shell;
    private readonly List<string> _said = [];

    /// <summary>Starts a server.</summary>
    /// <param name="user">Who runs it; null for who runs the tests.</param>
    /// <param name="signal">What it ends at, e.g. <c>INT</c>.</param>
    /// <param name="command">The program and its arguments.</param>
    public ServerProcess(string? user, string signal, params string[] command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", EndWithUs, "sh", signal, .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        if (user is not null) start.UserName = user;
        _shell = new Process { StartInfo = start };
        _shell.OutputDataReceived += (_, e) => Take(e.Data);
        _shell.ErrorDataReceived += (_, e) => Take(e.Data);
        _shell.Start();
        _shell.BeginOutputReadLine();
        _shell.BeginErrorReadLine();
    }

    /// <summary>What it has said so far.</summary>
    public string Said
    {
        get
        {
            lock (_said) return string.Join('\n', _said);
        }
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="user">Who runs it; null for who runs the tests.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <exception cref="InvalidOperationException">It failed; holds what it said.</exception>
    public static async Task Run(string? user, params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        if (user is not null) start.UserName = user;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start.");
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{command[0]} failed: {string.Join('\n', said)}");
    }

    /// <summary>Waits until a server answers.</summary>
    /// <param name="answers">Asks it.</param>
    /// <exception cref="InvalidOperationException">It does not; holds what it said.</exception>
    public async Task Ready(Func<Task<bool>> answers)
    {
        using var every = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var tries = 0; tries < 600 && !_shell.HasExited; tries++)
        {
            if (await answers()) return;
            await every.WaitForNextTickAsync();
        }
        throw new InvalidOperationException($"The server does not answer: {Said}");
    }

    /// <summary>Ends the server and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        using var deadline = new CancellationTokenSource(EndsWithin);
        try
        {
            await _shell.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            _shell.Kill(entireProcessTree: true);
        }
        _shell.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null) return;
        lock (_said) _said.Add(line);
    }
}
