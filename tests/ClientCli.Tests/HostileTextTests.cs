using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Silo.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Orleans.FL.ClientCli.Tests;

/// <summary>What a silo, a run or a stranger says reaches no terminal as anything but text.</summary>
public sealed class HostileTextTests : IDisposable
{
    private const string Evil = "x\u001b[2J\u001b]0;owned\u0007\u009b31m\u202ey";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory(Timeout = 30_000)]
    [InlineData("list")]
    [InlineData("list", "--json")]
    [InlineData("cluster", "show")]
    [InlineData("cluster", "show", "--json")]
    [InlineData("watch", Evil)]
    [InlineData("watch", Evil, "--json")]
    [InlineData("start", Evil)]
    [InlineData("node", "add", Evil)]
    public async Task No_command_prints_it_raw(params string[] args)
    {
        var status = Sample.Status(RunState.Running) with { Run = Evil, Name = Evil, Folder = Evil, Reason = Evil };
        var shell = new Shell
        {
            Federation = new FakeFederation
            {
                Runs = [status],
                SiloReports = [new SiloReport(Evil, Evil, [Evil], [Evil], 1, 1, 1, new() { [Evil] = 1 }, false)],
                MemberAnswer = new(null, [Evil]),
            }.Plays([new FailedEvent(Evil, Evil, 1, Evil)]),
        };

        await shell.Run([.. args, .. args[0] == "list" ? (string[])["--runs", _folder.Path] : []]);

        var printed = shell.Output + shell.Error;
        Assert.Contains("\\u001b[2J", printed, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(printed, c => c is not ('\n' or '\r') && (char.IsControl(c) || c == '\u202e'));
    }

    [Fact]
    public void A_silos_log_has_a_line_an_event_and_text_in_it()
    {
        var written = new StringWriter();

        new SiloLog(TimeProvider.System).Write(
            new LogEntry<string>(
                LogLevel.Warning, "any", 1, $"first\nsecond {Evil}", new IOException(Evil), (s, _) => s),
            null, written);

        Assert.Contains("first second x\\u001b[2J", written.ToString());
        Assert.DoesNotContain(written.ToString()[..^Environment.NewLine.Length], char.IsControl);
    }
}
