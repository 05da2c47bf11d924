using System.Runtime.CompilerServices;
using System.Text;

namespace Orleans.FL.Learning.Foundation;

/// <summary>The only source of randomness: an independent stream per (seed, purpose, node, round).</summary>
/// <remarks>
/// A stream depends on nothing but its key, so the order in which nodes run, and the machine they run on, cannot
/// change what they draw.
/// </remarks>
/// <param name="Seed">The experiment's seed.</param>
public sealed record Seeds(long Seed)
{
    /// <summary>The stream of one purpose.</summary>
    /// <param name="purpose">What the numbers are for; part of the key.</param>
    /// <param name="node">Rank of the node; -1 for what all nodes share.</param>
    /// <param name="round">Round; -1 for what all rounds share.</param>
    public RandomStream Stream(string purpose, int node = -1, int round = -1)
    {
        var key = Mix((ulong)Seed ^ 0x9E3779B97F4A7C15UL);
        foreach (var b in Encoding.UTF8.GetBytes(purpose)) key = Mix(key ^ b);
        key = Mix(key ^ (uint)node);
        return new RandomStream(Mix(key ^ (uint)round));
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) after adding the golden gamma.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}

/// <summary>A reproducible stream of random numbers: xoshiro256** (Blackman, Vigna, ACM TOMS 2021).</summary>
public sealed class RandomStream
{
    private ulong _s0, _s1, _s2, _s3;
    private double _spareNormal = double.NaN;

    /// <summary>The stream of one key.</summary>
    /// <param name="key">Any number; equal keys give equal streams.</param>
    public RandomStream(ulong key)
    {
        _s0 = Seeds.Mix(key);
        _s1 = Seeds.Mix(_s0);
        _s2 = Seeds.Mix(_s1);
        _s3 = Seeds.Mix(_s2);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        var result = ulong.RotateLeft(_s1 * 5, 7) * 9;
        var t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = ulong.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number of [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A float of [0, 1) with 24 random bits.</summary>
    public float NextSingle() => (NextBits() >> 40) * (1.0f / (1 << 24));

    /// <summary>A whole number of [0, bound), each equally likely (Lemire, ACM TOMACS 2019).</summary>
    /// <param name="bound">Number of outcomes; at least 1.</param>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        while (true)
        {
            var product = (UInt128)NextBits() * (ulong)bound;
            var low = (ulong)product;
            if (low >= (ulong)bound || low >= (0 - (ulong)bound) % (ulong)bound) return (int)(product >> 64);
        }
    }

    /// <summary>A standard normal number (polar method of Marsaglia).</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            var spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }
        while (true)
        {
            var u = 2 * NextDouble() - 1;
            var v = 2 * NextDouble() - 1;
            var s = u * u + v * v;
            if (s is >= 1 or 0) continue;
            var factor = Math.Sqrt(-2 * Math.Log(s) / s);
            _spareNormal = v * factor;
            return u * factor;
        }
    }

    /// <summary>A gamma-distributed number of scale 1 (Marsaglia, Tsang, ACM TOMS 2000).</summary>
    /// <param name="shape">Shape; above 0.</param>
    public double NextGamma(double shape)
    {
        if (shape < 1) return NextGamma(shape + 1) * Math.Pow(1 - NextDouble(), 1 / shape);
        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = NextNormal();
            var v = 1 + c * x;
            if (v <= 0) continue;
            v = v * v * v;
            if (Math.Log(1 - NextDouble()) < 0.5 * x * x + d - d * v + d * Math.Log(v)) return d * v;
        }
    }

    /// <summary>Puts items in random order, in place (Fisher–Yates).</summary>
    /// <typeparam name="T">Type of the items.</typeparam>
    /// <param name="items">What is shuffled.</param>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>Some of the numbers 0 … n - 1, each set of them equally likely, in random order.</summary>
    /// <remarks>
    /// The first steps of a Fisher–Yates shuffle of which only what moved is written down: as long as what is drawn.
    /// </remarks>
    /// <param name="n">How many there are.</param>
    /// <param name="count">How many are drawn.</param>
    public int[] Sample(int n, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, n);
        var moved = new Dictionary<int, int>();
        var drawn = new int[count];
        for (var i = 0; i < count; i++)
        {
            var j = i + NextInt(n - i);
            drawn[i] = moved.GetValueOrDefault(j, j);
            moved[j] = moved.GetValueOrDefault(i, i);
        }
        return drawn;
    }

    /// <summary>The numbers 0 … n - 1 in random order.</summary>
    /// <param name="n">How many.</param>
    public int[] Permutation(int n)
    {
        var order = new int[n];
        for (var i = 0; i < n; i++) order[i] = i;
        Shuffle<int>(order);
        return order;
    }
}
