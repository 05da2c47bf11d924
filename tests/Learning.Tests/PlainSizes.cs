using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Tests;

/// <summary>Sizes without a codec: four bytes a value.</summary>
internal static class PlainSizes
{
    extension(Update update)
    {
        public long Bytes => 4 * (update.Weights.Length + update.AuxiliaryVectors.Values.Sum(v => (long)v.Length));
    }

    extension(UpdateShape shape)
    {
        public long Bytes => UpdateFormat.Plain(shape).Bytes;
    }
}
