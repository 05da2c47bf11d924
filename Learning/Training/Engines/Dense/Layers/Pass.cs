using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>What becomes of the gradient of linear layers, whose weights are too many to go over twice.</summary>
internal enum GradientUse
{
    /// <summary>It is added to <see cref="Pass{T}.Gradient"/>.</summary>
    Sum,

    /// <summary>It has been scaled by −η, and is added to the weights.</summary>
    Plain,

    /// <summary>A step of SGD is taken with it.</summary>
    Descend,
}

/// <summary>What operations need to know of the step that they are part of.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
internal sealed unsafe class Pass<T> where T : struct, ILanes<T>
{
    /// <summary>Whether BatchNorm takes the batch's statistics and dropout drops.</summary>
    public bool Training { get; set; }

    /// <summary>What dropout draws from; null where nothing is dropped.</summary>
    public DropoutDraws? Draws { get; set; }

    /// <summary>The first weight.</summary>
    public required nint Weights { get; init; }

    /// <summary>The first number of the gradient, which has the form of the weights; 0 in a forward pass.</summary>
    public nint Gradient { get; set; }

    /// <summary>What becomes of the gradient of linear layers.</summary>
    public GradientUse Use { get; set; }

    /// <summary>The step of SGD that linear layers take.</summary>
    public Descending<T> Descent { get; set; }

    /// <summary>A weight.</summary>
    /// <param name="offset">Its place.</param>
    public float* WeightAt(int offset) => (float*)Weights + offset;

    /// <summary>A number of the gradient.</summary>
    /// <param name="offset">The place of its weight.</param>
    public float* GradientAt(int offset) => (float*)Gradient + offset;
}
