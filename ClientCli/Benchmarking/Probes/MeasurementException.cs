namespace Orleans.FL.ClientCli.Benchmarking.Probes;

/// <summary>A measurement could not be taken.</summary>
/// <param name="message">Why.</param>
internal sealed class MeasurementException(string message) : Exception(message);
