using Orleans.FL.Learning.Foundation;
using Spectre.Console.Rendering;

namespace Orleans.FL.ClientCli.Output;

/// <summary>Has tables, charts and the live view show text only; what draws them is the console's own.</summary>
internal sealed class PrintableSegments : IRenderHook
{
    /// <inheritdoc/>
    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) =>
        renderables.Select(r => new Shown(r));

    private sealed class Shown(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => inner.Render(options, maxWidth)
            .Select(s => s.IsControlCode || s.IsLineBreak ? s : new Segment(Printable.Of(s.Text), s.Style));
    }
}
