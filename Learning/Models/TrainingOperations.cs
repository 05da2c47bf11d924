namespace Orleans.FL.Learning.Models;

/// <summary>Operations of training, counted from the model.</summary>
public static class TrainingOperations
{
    /// <summary>
    /// Floating-point operations of a sample in a training step: each layer's forward pass, the gradient of its weights
    /// and that of its input; the first layer hands nothing back.
    /// </summary>
    /// <param name="products">Multiplications of the layers' forward passes, each with an addition; empty if not
    /// counted.</param>
    /// <returns>NaN if not counted.</returns>
    public static double OfSample(IReadOnlyList<long> products) =>
        products.Count == 0 ? double.NaN : 2.0 * (3 * products.Sum() - products[0]);
}
