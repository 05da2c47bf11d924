namespace Orleans.FL.Grains.Interfaces;

/// <summary>Which pieces of the test samples a silo is to test a model on that the server spread.</summary>
/// <param name="Run">Run id.</param>
/// <param name="Epoch">Epoch that the model was spread in.</param>
/// <param name="Round">Round, from 0.</param>
/// <param name="Pieces">Indices of the pieces.</param>
[GenerateSerializer, Immutable, Alias("fl.test-request")]
public sealed record TestRequest([property: Id(0)] string Run, [property: Id(1)] long Epoch,
    [property: Id(2)] int Round, [property: Id(3)] int[] Pieces);

/// <summary>What a silo answers to a <see cref="TestRequest"/>.</summary>
/// <param name="Holds">Whether it holds that model.</param>
/// <param name="Sums">Loss and metrics as exact sums; null if it does not hold the model, or is still testing: ask
/// again.</param>
[GenerateSerializer, Immutable, Alias("fl.test-answer")]
public readonly record struct TestAnswer([property: Id(0)] bool Holds, [property: Id(1)] Int128[]? Sums);
