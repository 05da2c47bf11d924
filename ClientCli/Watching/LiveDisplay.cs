using Orleans.FL.Grains.Interfaces;
using Spectre.Console;

namespace Orleans.FL.ClientCli.Watching;

/// <summary>The live view: redraws itself in place.</summary>
/// <param name="console">A terminal that understands escape codes.</param>
/// <param name="view">What is drawn.</param>
/// <param name="time">Paces the redrawing.</param>
internal sealed class LiveDisplay(IAnsiConsole console, RunView view, TimeProvider time) : IRunDisplay
{
    // Progress comes by the node, a thousand times a second if nodes are small; eyes need ten.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private LiveDisplayContext? _context;
    private long _drawn;

    public async Task<RunEvent?> Follow(IAsyncEnumerable<RunEvent> events)
    {
        return await console.Live(view.Render()).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Top)
            .StartAsync(async context =>
            {
                _context = context;
                try
                {
                    return await Draw(events);
                }
                finally
                {
                    _context = null;
                }
            });
    }

    public void Notice(string sentence)
    {
        view.Notice = sentence;
        if (_context is null) console.WriteLine(sentence);
        else _context.UpdateTarget(view.Render());
    }

    private async Task<RunEvent?> Draw(IAsyncEnumerable<RunEvent> events)
    {
        await foreach (var e in events)
        {
            view.Apply(e);
            if (e is ProgressEvent && time.GetElapsedTime(_drawn) < Pace) continue;
            _context?.UpdateTarget(view.Render());
            _drawn = time.GetTimestamp();
            if (e.Final) return e;
        }
        return null;
    }
}
