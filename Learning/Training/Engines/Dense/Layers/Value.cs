using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Training.Engines.Dense.Convolutions;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>What passes from one operation of a network to the next: maps of each sample, or a row of values.</summary>
internal sealed class Value
{
    private Padded? _memory;
    private int _rows;

    /// <summary>A value that nothing is known of but its shape.</summary>
    /// <param name="shape">(channels, height, width), or (values).</param>
    /// <param name="raw">Whether pixels are not filled up: images that are only looked at number by number.</param>
    public Value(SampleShape shape, bool raw = false)
    {
        Channels = shape.Sizes[0];
        (Height, Width) = shape.Sizes.Count == 3 ? (shape.Sizes[1], shape.Sizes[2]) : (1, 1);
        Floats = raw ? Channels : Padded.Up(Channels);
    }

    /// <summary>Channels, or values of a row.</summary>
    public int Channels { get; }

    /// <summary>Floats of a pixel, the channels filled up.</summary>
    public int Floats { get; }

    /// <summary>Rows of pixels.</summary>
    public int Height { get; }

    /// <summary>Pixels of a row.</summary>
    public int Width { get; }

    /// <summary>Pixels of zeros on each side, as the widest of the windows on it wants them.</summary>
    public int Frame { get; set; }

    /// <summary>Pixels of zeros around the errors, as the way back through what made it wants them.</summary>
    public int ErrorFrame { get; set; }

    /// <summary>Whether the way back looks at it, so that each sample needs memory of its own.</summary>
    public bool Kept { get; set; }

    /// <summary>Whether it leaves the segment of operations that go sample by sample.</summary>
    public bool Leaves { get; set; }

    /// <summary>Where the errors lie; null where nobody wants them.</summary>
    public ErrorMemory? Errors { get; set; }

    /// <summary>The maps.</summary>
    public unsafe Maps Maps =>
        Of((nint)_memory!.Pointer, Frame, Shared ? 0 : 1); // reserved before

    /// <summary>The errors.</summary>
    public unsafe Maps ErrorMaps => // reserved before
        Of((nint)Errors!.Memory!.Pointer, ErrorFrame, Errors.Shared ? 0 : 1);

    private bool Shared => !Kept && !Leaves;

    /// <summary>Makes room for samples.</summary>
    /// <param name="rows">How many.</param>
    public void Reserve(int rows)
    {
        if (rows > _rows)
        {
            _rows = rows;
            var floats = Of(0, Frame, 0).Floats;
            if (_memory is null || !Shared) _memory = new Padded(checked(floats * (Shared ? 1 : rows)));
        }
        Errors?.Reserve(Of(0, ErrorFrame, 0).Floats, rows);
    }

    private Maps Of(nint start, int frame, int samples)
    {
        var maps = new Maps(start, Height, Width, Floats, frame, 0);
        return maps with { Sample = samples * maps.Floats };
    }
}

/// <summary>Memory of errors, which values of the same shape use one after the other.</summary>
/// <param name="shared">Whether all samples share the memory of one.</param>
internal sealed class ErrorMemory(bool shared)
{
    private int _floats;

    /// <summary>Whether all samples share the memory of one.</summary>
    public bool Shared => shared;

    /// <summary>The floats; null before room is made.</summary>
    public Padded? Memory { get; private set; }

    /// <summary>Values that are still to use it, while a network is laid out.</summary>
    public int Users { get; set; }

    /// <summary>Makes room.</summary>
    /// <param name="floats">Floats of a sample.</param>
    /// <param name="rows">How many samples.</param>
    public void Reserve(int floats, int rows)
    {
        var needed = checked(floats * (shared ? 1 : rows));
        if (needed <= _floats) return;
        Memory = new Padded(_floats = needed);
    }
}
