using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Training.Engines;

/// <summary>
/// Some consecutive layers of a network, trained and tested at one place while the layers around them are at another.
/// </summary>
/// <remarks>
/// Has memory of its own and belongs to no lane, so that a lane is held for half a step and not for what the other
/// side does with it; on whatever lane a half step runs, it is computed on the processor. A batch is worked through in
/// pieces of at most <see cref="MostSamples"/>. All layers of a network, each in some part, move to the bits that the
/// engine gives the whole. Not thread-safe.
/// </remarks>
internal abstract class ModelPart : IDisposable
{
    /// <summary>Values that a sample has before the first of the layers.</summary>
    public abstract int Inputs { get; }

    /// <summary>Values that a sample has behind the last of the layers.</summary>
    public abstract int Outputs { get; }

    /// <summary>Most samples of a piece of a training batch.</summary>
    public abstract int MostSamples { get; }

    /// <summary>Loss and metrics of the batch so far; where its targets are known.</summary>
    public abstract MetricSums Metrics { get; }

    /// <summary>Reads the samples of a piece; for a network's first part.</summary>
    /// <param name="data">Where the samples are.</param>
    /// <param name="samples">Which they are.</param>
    public abstract void Read(DataPart data, ReadOnlySpan<int> samples);

    /// <summary>Takes over what the layers before this part made of a piece.</summary>
    /// <param name="activations">(rows, inputs), row after row.</param>
    public abstract void Read(ReadOnlySpan<float> activations);

    /// <summary>Begins a step on a batch.</summary>
    /// <param name="samples">Number of its samples, in all of its pieces.</param>
    public abstract void Begin(int samples);

    /// <summary>Works the layers out, and keeps what the way back needs.</summary>
    /// <returns>(rows, outputs), row after row.</returns>
    public abstract float[] Forward();

    /// <summary>Works the layers out for a test: there is no way back.</summary>
    /// <returns>(rows, outputs), row after row.</returns>
    public abstract float[] Test();

    /// <summary>
    /// Compares the outputs of a piece with its targets, and takes the errors back; for a network's last part.
    /// </summary>
    /// <param name="targets">Where its targets are.</param>
    /// <param name="samples">Which they are.</param>
    public abstract void Backward(Targets targets, ReadOnlySpan<int> samples);

    /// <summary>Takes the errors of a piece back; after the last piece of a batch the weights move.</summary>
    /// <param name="errors">(rows, outputs), row after row.</param>
    public abstract void Backward(ReadOnlySpan<float> errors);

    /// <summary>What the layers before this part are to take back, in the piece that was taken back last.</summary>
    /// <returns>(rows, inputs), row after row.</returns>
    public abstract float[] Errors();

    /// <summary>Loss and metrics of outputs in a test, whichever engine computed them.</summary>
    /// <param name="outputs">(rows, outputs), row after row.</param>
    /// <param name="targets">Where the targets are.</param>
    /// <param name="samples">Which they are (rows).</param>
    public abstract MetricSums Score(ReadOnlySpan<float> outputs, Targets targets, ReadOnlySpan<int> samples);

    /// <summary>Writes the part's weights, as they are now, into a vector of the whole model.</summary>
    /// <param name="whole">The vector's values.</param>
    public abstract void Put(Span<float> whole);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
