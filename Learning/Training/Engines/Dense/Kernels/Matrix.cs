namespace Orleans.FL.Learning.Training.Engines.Dense.Kernels;

/// <summary>Rows of floats in padded memory.</summary>
/// <param name="Start">The first value of the first row.</param>
/// <param name="Stride">Floats from row to row: the width, filled up with zeros to whole units.</param>
internal readonly unsafe record struct Matrix(nint Start, int Stride)
{
    /// <summary>A row.</summary>
    /// <param name="index">Index of the row, which must be there.</param>
    public float* Row(int index) => (float*)Start + (long)index * Stride;

    /// <summary>The first rows, with what fills them up.</summary>
    /// <param name="count">How many, which must be there.</param>
    public Span<float> Rows(int count) => new((float*)Start, checked(count * Stride));
}

/// <summary>One linear layer's weights as the kernels see them: each row holds what goes into one output.</summary>
/// <param name="Weights">Weights (outputs, inputs).</param>
/// <param name="Bias">Biases (outputs), filled up with zeros.</param>
/// <param name="Inputs">Number of inputs.</param>
/// <param name="Outputs">Number of outputs.</param>
internal readonly unsafe record struct LinearWeights(Matrix Weights, Matrix Bias, int Inputs, int Outputs)
{
    /// <summary>The weights of an output; those of the last for any past it, whose sums nobody then keeps.</summary>
    /// <param name="output">Index of the output.</param>
    public float* Row(int output) => Weights.Row(Math.Min(output, Outputs - 1));
}
