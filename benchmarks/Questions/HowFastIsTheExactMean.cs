using System.Numerics;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Benchmarks.Questions;

/// <summary>What does a mean cost whose bits do not depend on the order of its terms?</summary>
/// <remarks>
/// Ten vectors of an MLP fit into the cache; a hundred of the CNN (665 MB) do not, and memory is the limit.
/// </remarks>
[MemoryDiagnoser]
public class HowFastIsTheExactMean
{
    private (ParameterVector Vector, double Weight)[] _terms = [];
    private float[] _mean = [];

    [Params("10 x 199210", "100 x 1663370")]
    public string Vectors { get; set; } = "";

    [GlobalSetup]
    public void Draw()
    {
        var sizes = Vectors.Split(" x ").Select(int.Parse).ToArray();
        var stream = new Seeds(1).Stream("benchmark");
        _mean = new float[sizes[1]];
        _terms = [.. Enumerable.Range(0, sizes[0]).Select(i => (Draw(sizes[1], stream), 500.0 + i))];
    }

    /// <summary>
    /// One float accumulator a value, vector after vector: fast to write, and its bits depend on the order.
    /// </summary>
    [Benchmark(Baseline = true)]
    public float FloatLoop()
    {
        Array.Clear(_mean);
        var total = (float)_terms.Sum(t => t.Weight);
        foreach (var (vector, weight) in _terms)
        {
            var share = (float)weight / total;
            var values = vector.Span;
            for (var i = 0; i < values.Length; i++) _mean[i] += share * values[i];
        }
        return _mean[0];
    }

    /// <summary>The same with the widest vectors of the processor, as TensorPrimitives.MultiplyAdd does it.</summary>
    [Benchmark]
    public float VectorizedFloatLoop()
    {
        Array.Clear(_mean);
        var total = (float)_terms.Sum(t => t.Weight);
        foreach (var (vector, weight) in _terms) Add(vector.Span, (float)weight / total);
        return _mean[0];
    }

    [Benchmark]
    public ParameterVector ExactMean() => ExactSum.WeightedMean(_terms);

    /// <summary>Reads every value once and does next to nothing with it: no mean can be faster.</summary>
    [Benchmark]
    public float ReadOnly() => _terms.Sum(t => MemoryReadRate.Sum(t.Vector.Span));

    private static ParameterVector Draw(int length, RandomStream stream)
    {
        var values = new float[length];
        foreach (ref var value in values.AsSpan()) value = stream.NextSingle() - 0.5f;
        return ParameterVector.Own(values);
    }

    private void Add(ReadOnlySpan<float> values, float share)
    {
        var factor = new Vector<float>(share);
        var from = MemoryMarshal.Cast<float, Vector<float>>(values);
        var to = MemoryMarshal.Cast<float, Vector<float>>(_mean.AsSpan());
        for (var i = 0; i < from.Length; i++) to[i] = System.Numerics.Vector.FusedMultiplyAdd(factor, from[i], to[i]);
        for (var i = from.Length * Vector<float>.Count; i < values.Length; i++) _mean[i] += share * values[i];
    }
}
