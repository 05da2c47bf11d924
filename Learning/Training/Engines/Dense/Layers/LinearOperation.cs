using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>A linear layer, with ReLU where one follows.</summary>
/// <typeparam name="T">Registers to use.</typeparam>
internal sealed unsafe class LinearOperation<T> : Operation<T> where T : struct, ILanes<T>
{
    private readonly int _weights, _biases;
    private readonly bool _rectify;

    /// <summary>A linear layer.</summary>
    /// <param name="input">What it takes in.</param>
    /// <param name="output">What it gives.</param>
    /// <param name="weights">Place of its weights.</param>
    /// <param name="biases">Place of its biases.</param>
    /// <param name="rectify">Whether ReLU follows.</param>
    public LinearOperation(Value input, Value output, int weights, int biases, bool rectify) : base(input, output)
    {
        (_weights, _biases, _rectify) = (weights, biases, rectify);
        input.Kept = true;
        output.Kept |= rectify;
    }

    /// <inheritdoc/>
    public override bool Batchwide => true;

    /// <inheritdoc/>
    public override void Forward(int first, int count, Pass<T> pass) =>
        ForwardKernel.Run(Input.Maps.AsRows(), count, Layer(pass), Output.Maps.AsRows(), _rectify,
            T.Count == WideLanes.Count);

    /// <inheritdoc/>
    public override void Backward(int first, int count, Pass<T> pass)
    {
        if (_rectify)
            for (var sample = 0; sample < count; sample++)
                MapKernel.KeepPositive<T>(
                    Output.Maps.First(sample), Output.Maps, Output.ErrorMaps.First(sample), Output.ErrorMaps);
        switch (pass.Use)
        {
            case GradientUse.Sum: Backward(count, pass, new Adding<T>(pass.Gradient)); break;
            case GradientUse.Plain: Backward(count, pass, new Adding<T>(pass.Weights)); break;
            case GradientUse.Descend: Backward(count, pass, pass.Descent); break;
        }
        AddErrors(0, count);
    }

    private void Backward<TUse>(int count, Pass<T> pass, TUse use) where TUse : struct, IGradientUse<T>
    {
        var (errors, inputs) = (Output.ErrorMaps.AsRows(), Input.Maps.AsRows());
        if (Target == ErrorTarget.None)
            GradientKernel.Run<T, TUse>(errors, inputs, count, Layer(pass), pass.Weights, use);
        else
            BackwardKernel.Run<T, TUse>(errors, inputs, count, Layer(pass), pass.Weights, InputErrors().AsRows(), use);
    }

    private LinearWeights Layer(Pass<T> pass) => new(new((nint)pass.WeightAt(_weights), Input.Floats),
        new((nint)pass.WeightAt(_biases), Output.Floats), Input.Channels, Output.Channels);
}
