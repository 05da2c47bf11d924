using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Learning.Tests.Datasets;

public sealed class DatasetCacheTests
{
    private static readonly LabeledData Empty = new(Set(), Set(), 2);

    [Fact]
    public void Equal_datasets_share_one_copy()
    {
        var cache = new DatasetCache(_ => Empty with { });

        var one = cache.Get(new Component<Dataset>("digits", new Digits.Options { Path = "here" }));
        var other = cache.Get(new Component<Dataset>("digits", new Digits.Options { Path = "here" }));

        Assert.Same(one, other);
    }

    [Fact]
    public void Datasets_with_other_options_are_other_copies()
    {
        var cache = new DatasetCache(_ => Empty with { });

        var one = cache.Get(new Component<Dataset>("digits", new Digits.Options { Path = "here" }));
        var other = cache.Get(new Component<Dataset>("digits", new Digits.Options { Path = "there" }));

        Assert.NotSame(one, other);
    }

    [Fact(Timeout = 30_000)]
    public async Task Concurrent_callers_share_one_load()
    {
        var loads = 0;
        using var gate = new ManualResetEventSlim();
        var cache = new DatasetCache(_ =>
        {
            Interlocked.Increment(ref loads);
            gate.Wait();
            return Empty with { };
        });
        using var arrived = new CountdownEvent(8);

        var callers = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(() =>
        {
            arrived.Signal();
            return cache.Get(new Component<Dataset>("toy", null));
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        arrived.Wait();
        gate.Set();
        var copies = await Task.WhenAll(callers);

        Assert.Equal(1, loads);
        Assert.Single(copies.Distinct(ReferenceEqualityComparer.Instance));
    }

    [Fact]
    public void A_failed_load_is_tried_again()
    {
        var loads = 0;
        var cache = new DatasetCache(_ => ++loads == 1 ? throw new ExperimentException("absent") : Empty);
        var toy = new Component<Dataset>("toy", null);

        Assert.Throws<ExperimentException>(() => cache.Get(toy));

        Assert.Same(Empty, cache.Get(toy));
        Assert.Same(Empty, cache.Get(toy));
        Assert.Equal(2, loads);
    }

    private static ImageSet Set() => new([], [], new SampleShape(1, 1, 1), new PixelScale(255, [0], [1]));
}
