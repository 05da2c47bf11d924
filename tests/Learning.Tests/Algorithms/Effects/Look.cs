using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;

namespace Orleans.FL.Learning.Tests.Algorithms.Effects;

/// <summary>How a node's images differ from those of others with the same labels: another domain.</summary>
/// <param name="Pixel">The pixel of the new image at a row and a column, from the old image and its side.</param>
internal sealed record Look(Func<byte[], int, int, int, byte> Pixel)
{
    private const byte White = 16; // of the digits

    /// <summary>As it is.</summary>
    public static Look Upright { get; } = new((image, side, row, column) => image[row * side + column]);

    /// <summary>A quarter turn.</summary>
    public static Look Turned { get; } = new((image, side, row, column) => image[(side - 1 - column) * side + row]);

    /// <summary>Half a turn.</summary>
    public static Look Overhead { get; } = new((image, side, row, column) => image[^(row * side + column + 1)]);

    /// <summary>Three quarter turns.</summary>
    public static Look TurnedBack { get; } = new((image, side, row, column) => image[column * side + side - 1 - row]);

    /// <summary>Black for white.</summary>
    public static Look Inverted { get; } = new((image, side, row, column) =>
        (byte)(White - image[row * side + column]));

    /// <summary>A quarter of the contrast, dark.</summary>
    public static Look Dim { get; } = new((image, side, row, column) => (byte)(image[row * side + column] / 4));

    /// <summary>A quarter of the contrast, bright.</summary>
    public static Look Bright { get; } = new((image, side, row, column) =>
        (byte)(White * 3 / 4 + image[row * side + column] / 4));

    /// <summary>
    /// The data, with the training and validation samples of node i looking like <c>looks[i mod n]</c>.
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="experiment">The experiment that splits them; its nodes share no sample.</param>
    /// <param name="looks">The looks; none leaves the data as they are.</param>
    public static LabeledData Dress(LabeledData data, Experiment experiment, IReadOnlyList<Look> looks)
    {
        if (looks.Count == 0) return data;
        var plan = Plan.Of(experiment, data);
        var pixels = (byte[])data.Train.Pixels.Clone();
        var (length, side) = (data.Train.Shape.Length, data.Train.Shape.Sizes[2]);
        for (var node = 0; node < experiment.Nodes; node++)
            foreach (var sample in plan.TrainIndices(node).Concat(plan.ValidationIndices(node)))
            {
                var image = data.Train.Image(sample).ToArray();
                for (var p = 0; p < length; p++)
                    pixels[sample * length + p] = looks[node % looks.Count].Pixel(image, side, p / side, p % side);
            }
        return data with
        {
            Train = new ImageSet(pixels, data.Train.Labels, data.Train.Shape, ((ImageSet)data.Train).Scale)
        };
    }
}
