using System.Diagnostics;
using Orleans.FL.Testing.Servers;

namespace Orleans.FL.Cluster.Tests.Links;

/// <summary>A network namespace without a name: devices, addresses and routes as of a machine of its own.</summary>
/// <remarks>A process holds it, which ends with the tests even if they are killed; so nothing of it is left.</remarks>
internal sealed class NetworkSpace : IAsyncDisposable
{
    private readonly Process _holder;

    private NetworkSpace(Process holder) => _holder = holder;

    /// <summary>What a command in it begins with.</summary>
    public string[] Within => ["nsenter", $"--net=/proc/{_holder.Id}/ns/net"];

    /// <summary>What <c>ip link … netns</c> calls it.</summary>
    public string Id => $"{_holder.Id}";

    /// <summary>Makes one, with nothing but loopback.</summary>
    /// <exception cref="InvalidOperationException">The system does not let us.</exception>
    public static async Task<NetworkSpace> Create()
    {
        var start = new ProcessStartInfo("unshare", ["--net", "sh", "-c", "ip link set lo up && echo made && exec cat"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var holder = Process.Start(start) ?? throw new InvalidOperationException("unshare did not start.");
        if (await holder.StandardOutput.ReadLineAsync() == "made") return new(holder);
        holder.Dispose();
        throw new InvalidOperationException("A network namespace could not be made.");
    }

    /// <summary>Runs a command in it to its end.</summary>
    /// <param name="command">The program and its arguments, separated by single spaces.</param>
    /// <exception cref="InvalidOperationException">It failed; holds what it said.</exception>
    public Task Run(string command) => ServerProcess.Run(null, [.. Within, .. command.Split(' ')]);

    /// <summary>Lets go of it; it is gone when the programs in it are.</summary>
    public async ValueTask DisposeAsync()
    {
        _holder.StandardInput.Close();
        await _holder.WaitForExitAsync();
        _holder.Dispose();
    }
}
