using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Orleans.FL.ClientCli.Output;

/// <summary>
/// The output of this process: one that is full, closed or no longer read is an <see cref="OutputException"/>, or,
/// where there is nobody left to tell, nothing.
/// </summary>
/// <param name="inner">Where to; its owner's to dispose.</param>
/// <param name="quiet">Whether what cannot be written is left out.</param>
internal sealed class GuardedWriter(TextWriter inner, bool quiet) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Has the process write to guarded outputs, whoever writes.</summary>
    public static void Install()
    {
        if (Pipe(1) is { } pipe) Console.SetOut(new GuardedWriter(pipe, quiet: false));
        else Console.SetOut(new GuardedWriter(Console.Out, quiet: false));
        Console.SetError(new GuardedWriter(Console.Error, quiet: true));
    }

    /// <inheritdoc/>
    public override void Write(char value) => Guard(value, static (w, v) => w.Write(v));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) =>
        Guard((buffer, index, count), static (w, v) => w.Write(v.buffer, v.index, v.count));

    /// <inheritdoc/>
    public override void Write(string? value) => Guard(value, static (w, v) => w.Write(v));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Guard(value, static (w, v) => w.WriteLine(v));

    /// <inheritdoc/>
    public override void Flush() => Guard(0, static (w, _) => w.Flush());

    private void Guard<T>(T value, Action<TextWriter, T> write)
    {
        try
        {
            write(inner, value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            if (!quiet) throw new OutputException(e);
        }
    }

    // .NET's console says nothing when the reader of a pipe has gone, and a command would write on for nobody. Only for
    // pipes: a file may be shared with the errors, and a FileStream would write over them.
    private static StreamWriter? Pipe(int descriptor)
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected) return null;
        try
        {
            var stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, 0);
            return stream.CanSeek ? null : new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // closed
        }
    }
}
