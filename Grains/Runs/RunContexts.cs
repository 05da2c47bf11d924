using System.Collections.Concurrent;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Training;

namespace Orleans.FL.Grains.Runs;

/// <summary>What all nodes of a run share on this silo: the experiment, read once, its plan, its test bench.</summary>
/// <param name="data">One copy of each dataset.</param>
/// <param name="lanes">Where tests run.</param>
public sealed class RunContexts(DatasetCache data, TrainingLanes lanes)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<RunContext>>> _contexts = [];

    /// <summary>The context of a run; the first caller makes it, on the thread pool.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="experiment">The experiment as canonical JSON.</param>
    /// <exception cref="ExperimentException">The experiment is faulty or its data do not suit.</exception>
    public async Task<RunContext> Get(string run, string experiment)
    {
        var context = _contexts.GetOrAdd(run, _ => new Lazy<Task<RunContext>>(() => Task.Run(() => Make(run, experiment))));
        try
        {
            return await context.Value;
        }
        catch
        {
            _contexts.TryRemove(new(run, context)); // a failure is not kept: the data may be there next time
            throw;
        }
    }

    /// <summary>Lets go of a run.</summary>
    /// <param name="run">Run id.</param>
    public void Forget(string run)
    {
        if (_contexts.TryRemove(run, out var context) && context.Value.IsCompletedSuccessfully) context.Value.Result.Dispose();
    }

    private RunContext Make(string run, string json)
    {
        var experiment = ExperimentReader.Read(json, []);
        return new RunContext(run, Plan.Of(experiment, data.Get(experiment.Dataset)), lanes);
    }
}

/// <summary>What all nodes of a run share on one silo.</summary>
public sealed class RunContext : IDisposable
{
    private readonly CancellationTokenSource _ended = new();

    /// <summary>The context of a run.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="plan">What follows from the experiment.</param>
    /// <param name="lanes">Where tests run.</param>
    public RunContext(string run, Plan plan, TrainingLanes lanes)
    {
        Plan = plan;
        Bench = new TestBench(plan, lanes, run, _ended.Token);
    }

    /// <summary>What follows from the experiment.</summary>
    public Plan Plan { get; }

    /// <summary>Tests models.</summary>
    public TestBench Bench { get; }

    /// <summary>Cancels tests that are under way.</summary>
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }
}
