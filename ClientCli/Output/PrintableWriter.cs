using System.Text;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.ClientCli.Output;

/// <summary>Writes only what a terminal shows: what others named or said may hold anything.</summary>
/// <param name="inner">Where to; its owner's to dispose.</param>
internal sealed class PrintableWriter(TextWriter inner) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Write($"{value}");

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => inner.Write(value is null ? null : Printable.Of(value));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => inner.WriteLine(value is null ? null : Printable.Of(value));

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}
