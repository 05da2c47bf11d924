using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Tests;

/// <summary>Makes calls to nodes fail or hang, by run; a filter on the silos of a test cluster.</summary>
public sealed class NodeFailures : IIncomingGrainCallFilter
{
    private readonly Dictionary<(string Node, string Method), int> _lost = [];
    private readonly List<(string Node, string Method, Func<Task> Failure)> _failures = [];

    /// <summary>Adds a failure before each call of a method of a node.</summary>
    /// <param name="node">Key of the node, <c>run/rank</c>.</param>
    /// <param name="method">Name of the method.</param>
    /// <param name="failure">What happens; the call goes on when it ends.</param>
    public void Add(string node, string method, Func<Task> failure)
    {
        lock (_failures) _failures.Add((node, method, failure));
    }

    /// <summary>
    /// Has the first answers of a method of a node get lost, after the node has done what it was asked for.
    /// </summary>
    /// <param name="node">Key of the node, <c>run/rank</c>.</param>
    /// <param name="method">Name of the method.</param>
    /// <param name="answers">How many.</param>
    public void Lose(string node, string method, int answers)
    {
        lock (_lost) _lost[(node, method)] = answers;
    }

    /// <summary>Changes what a node answers to other silos when they read its weights.</summary>
    public Func<string, WeightChunk, WeightChunk> Lie { get; set; } = (_, chunk) => chunk;

    /// <summary>What silos asked each other to test, and what comes of it instead of an answer if it throws.</summary>
    public Action<TestRequest> Tested { get; set; } = _ => { };

    /// <summary>Nothing goes wrong from now on: the next test of the cluster begins.</summary>
    public void Clear()
    {
        lock (_failures) _failures.Clear();
        lock (_lost) _lost.Clear();
        Lie = (_, chunk) => chunk;
        Tested = _ => { };
    }

    private static string NodeOf(IIncomingGrainCallContext context) => context.TargetId.Key.ToString()!.Split('@')[0];

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is INodeGrain)
        {
            (string, string, Func<Task> Failure)[] mine;
            lock (_failures)
                mine = [.. _failures.Where(f => f.Node == NodeOf(context) && f.Method == context.MethodName)];
            foreach (var (_, _, failure) in mine) await failure();
        }
        if (context.Grain is ISiloGrain && context.MethodName == nameof(ISiloGrain.Test))
            Tested(context.Request.GetArgument(0) as TestRequest ?? throw new InvalidOperationException());
        await context.Invoke();
        lock (_lost)
        {
            var key = (NodeOf(context), context.MethodName);
            if (_lost.TryGetValue(key, out var left) && left > 0)
            {
                _lost[key] = left - 1;
                throw new TimeoutException("The answer was lost on the way.");
            }
        }
        if (context.Result is WeightChunk chunk) context.Result = Lie(NodeOf(context), chunk);
    }
}
