namespace Orleans.FL.Grains.Interfaces;

/// <summary>Which bytes of a published vector to read.</summary>
/// <param name="Address">What was published.</param>
/// <param name="Part">Index of the vector within it; 0 is the weights.</param>
/// <param name="Offset">First byte wanted of the encoded vector.</param>
[GenerateSerializer, Immutable, Alias("fl.read-request")]
public sealed record ReadRequest(
    [property: Id(0)] UpdateAddress Address, [property: Id(1)] int Part = 0, [property: Id(2)] long Offset = 0);
