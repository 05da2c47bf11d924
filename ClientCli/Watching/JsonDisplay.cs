using Orleans.FL.ClientCli.Output;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Watching;

/// <summary>One JSON object a line for each recorded event; notices go to stderr.</summary>
/// <param name="terminal">Where to.</param>
internal sealed class JsonDisplay(Terminal terminal) : IRunDisplay
{
    public async Task<RunEvent?> Follow(IAsyncEnumerable<RunEvent> events)
    {
        await foreach (var e in events)
        {
            if (e is PulseEvent { Waiting: { } waiting }) Notice(waiting);
            if (e.Recorded) terminal.Output.WriteLine(e.ToJson());
            if (e.Final) return e;
        }
        return null;
    }

    public void Notice(string sentence) => terminal.Error.WriteLine(sentence);
}
