using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Parameters;
using Xunit;

namespace Orleans.FL.Learning.Tests.Parameters;

/// <summary>What nobody can reach is used again, and nothing else is.</summary>
public sealed class SpareArraysTests
{
    private const int Length = 5000;

    private readonly SpareArrays _spares = new();

    [Fact]
    public void An_array_that_nobody_can_reach_comes_back()
    {
        TakeAndLetGo();
        Assert.Equal(0, _spares.SpareBytes);
        Collect();
        Assert.Equal(sizeof(float) * Length, _spares.SpareBytes);
        Assert.Equal(7, _spares.Take(Length)[3]); // the value that was written to it before
        Assert.Equal(0, _spares.SpareBytes);
    }

    [Fact]
    public void It_comes_back_each_time()
    {
        for (var round = 0; round < 3; round++)
        {
            TakeAndLetGo();
            Collect();
            Assert.Equal(sizeof(float) * Length, _spares.SpareBytes);
        }
    }

    [Fact]
    public void A_span_of_a_vector_that_nobody_holds_keeps_its_memory()
    {
        var span = SpanOfALostVector();
        Collect();
        Assert.Equal(0, _spares.SpareBytes);
        Assert.Equal(7, span[3]);
    }

    [Fact]
    public void A_slice_of_the_memory_of_a_vector_that_nobody_holds_keeps_it()
    {
        var slice = SliceOfALostVector();
        Collect();
        Assert.Equal(0, _spares.SpareBytes);
        Assert.Equal(7, slice.Span[0]);
    }

    [Fact]
    public void Arrays_of_another_length_are_left_alone()
    {
        TakeAndLetGo();
        Collect();
        Assert.Equal(Length + 1, _spares.Take(Length + 1).Length);
        Assert.Equal(sizeof(float) * Length, _spares.SpareBytes);
    }

    [Fact]
    public void What_nobody_wanted_between_two_full_collections_goes()
    {
        TakeAndLetGo();
        Collect(); // comes back
        Collect(); // it was there at the one before, but not all the time since
        Collect();
        Assert.Equal(0, _spares.SpareBytes);
    }

    [Fact]
    public void Clearing_lets_go_of_what_nobody_has()
    {
        TakeAndLetGo();
        Collect();
        _spares.Clear();
        Assert.Equal(0, _spares.SpareBytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeAndLetGo() => _spares.Take(Length)[3] = 7;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadOnlySpan<float> SpanOfALostVector() => Vector().Span;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadOnlyMemory<float> SliceOfALostVector() => Vector().Memory[3..];

    private ParameterVector Vector()
    {
        var values = _spares.Take(Length);
        values[3] = 7;
        return ParameterVector.Own(values);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
