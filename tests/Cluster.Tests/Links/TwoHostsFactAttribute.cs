using System.Diagnostics;
using Xunit;

namespace Orleans.FL.Cluster.Tests.Links;

/// <summary>
/// A test that needs <see cref="TwoHosts"/>; skipped, with the reason, where the system does not let us make them.
/// </summary>
internal sealed class TwoHostsFactAttribute : FactAttribute
{
    public TwoHostsFactAttribute() => Skip = HostsLacking.Reason;
}

/// <summary>The same for a theory.</summary>
internal sealed class TwoHostsTheoryAttribute : TheoryAttribute
{
    public TwoHostsTheoryAttribute() => Skip = HostsLacking.Reason;
}

/// <summary>Why <see cref="TwoHosts"/> cannot be made here.</summary>
internal static class HostsLacking
{
    // What TwoHosts needs, tried in a namespace that goes with it.
    private const string Try = $"""
        ip link set lo up && tc qdisc add dev lo root tbf rate 100mbit burst 64kb latency 50ms && : <>{TunDevice.Source}
        """;

    private static readonly Lazy<string?> Found = new(Find);

    /// <summary>What is lacking, in a sentence; null if nothing is.</summary>
    public static string? Reason => Found.Value;

    private static string? Find()
    {
        const string need = "This test makes network namespaces with a slow link between them; "
            + $"it needs Linux, root (CAP_NET_ADMIN, CAP_SYS_ADMIN), iproute2 and {TunDevice.Source}.";
        if (!OperatingSystem.IsLinux()) return need;
        try
        {
            using var tried = Process.Start(new ProcessStartInfo("unshare", ["--net", "sh", "-c", Try])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!; // a program that is not there throws
            var said = tried.StandardError.ReadToEnd().Trim().ReplaceLineEndings(" ");
            tried.WaitForExit();
            return tried.ExitCode == 0 ? null : $"{need} Here: {said}";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return $"{need} Here: {e.Message}";
        }
    }
}
