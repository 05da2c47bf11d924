using Orleans.FL.Learning.Training.Engines.Dense.Convolutions;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>What an operation does with the errors of a value that it took in.</summary>
internal enum ErrorTarget
{
    /// <summary>Nobody wants them.</summary>
    None,

    /// <summary>It writes them.</summary>
    Write,

    /// <summary>It adds to those that another operation wrote.</summary>
    Add,
}

/// <summary>A step of a network's forward pass, and of the way back.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
internal abstract unsafe class Operation<T> where T : struct, ILanes<T>
{
    /// <summary>An operation.</summary>
    /// <param name="input">What it takes in.</param>
    /// <param name="output">What it gives; the input itself where it works in place.</param>
    protected Operation(Value input, Value output) => (Input, Output) = (input, output);

    /// <summary>What it takes in.</summary>
    public Value Input { get; }

    /// <summary>What it gives.</summary>
    public Value Output { get; }

    /// <summary>A second value that it takes in, whose errors are those of the output; null for none.</summary>
    public virtual Value? Added => null;

    /// <summary>Whether it wants all samples of a batch at once, rather than one after the other.</summary>
    public virtual bool Batchwide => false;

    /// <summary>What it does with the errors of its input.</summary>
    public ErrorTarget Target { get; set; }

    /// <summary>Where it writes errors that are then added to others.</summary>
    public ErrorMemory? Extra { get; set; }

    /// <summary>Makes room for samples.</summary>
    /// <param name="rows">How many.</param>
    public virtual void Reserve(int rows) => Extra?.Reserve(Input.ErrorMaps.Floats, rows);

    /// <summary>Works samples out.</summary>
    /// <param name="first">The first of them in the batch.</param>
    /// <param name="count">How many.</param>
    /// <param name="pass">The pass.</param>
    public abstract void Forward(int first, int count, Pass<T> pass);

    /// <summary>Takes the weights as they are for a way back.</summary>
    /// <param name="pass">The pass.</param>
    public virtual void Prepare(Pass<T> pass)
    {
    }

    /// <summary>Takes the errors of samples back, and adds to the gradient.</summary>
    /// <param name="first">The first of them in the batch.</param>
    /// <param name="count">How many.</param>
    /// <param name="pass">The pass.</param>
    public abstract void Backward(int first, int count, Pass<T> pass);

    /// <summary>Where the errors of the input go; there must be a target.</summary>
    protected Maps InputErrors()
    {
        var maps = Input.ErrorMaps;
        if (Target != ErrorTarget.Add) return maps;
        return maps with { Start = (nint)Extra!.Memory!.Pointer, Sample = Extra.Shared ? 0 : maps.Floats }; // reserved
    }

    /// <summary>Adds the errors to those that are there, if that is the target.</summary>
    /// <param name="first">The first sample.</param>
    /// <param name="count">How many.</param>
    protected void AddErrors(int first, int count)
    {
        if (Target != ErrorTarget.Add) return;
        var (from, to) = (InputErrors(), Input.ErrorMaps);
        for (var sample = first; sample < first + count; sample++)
            MapKernel.Add<T>(from.First(sample), to.First(sample), to);
    }
}
