namespace Orleans.FL.Learning.Updates;

/// <summary>The bytes of a vector that a codec made.</summary>
/// <param name="Codec">Name of the codec.</param>
/// <param name="Bytes">The bytes, which never change.</param>
public sealed record EncodedVector(string Codec, ReadOnlyMemory<byte> Bytes);
