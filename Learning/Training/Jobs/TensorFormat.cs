namespace Orleans.FL.Learning.Training.Jobs;

/// <summary>
/// In which numbers, and in which order, libtorch holds what it trains with. Master weights, moments and tests are
/// float32 whatever is chosen.
/// </summary>
public static class TensorFormat
{
    /// <summary>Forward and backward pass in float32.</summary>
    public const string Full = "float32";

    /// <summary>
    /// Forward and backward pass in bfloat16: eight bits of significance, the range of float32. BatchNorm's parameters
    /// and the loss stay float32.
    /// </summary>
    public const string BFloat16 = "bfloat16";

    /// <summary>Images are stored channel after channel.</summary>
    public const string Contiguous = "contiguous";

    /// <summary>
    /// Images are stored pixel after pixel, each with all its channels, and convolutions keep that order.
    /// </summary>
    public const string ChannelsLast = "channels-last";
}
