using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Phases;

/// <summary>
/// The calls of a phase: one to each silo for all of its nodes, and again while some are still at work.
/// </summary>
/// <remarks>For one flow of work, on one grain's turns; not safe for several threads.</remarks>
internal sealed partial class PhaseCalls
{
    private readonly LongCall _calls;
    private readonly SeatLoss _seats;
    private readonly IShowProgress _progress;
    private readonly TimeProvider _time;

    /// <summary>The calls of a run.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="seats">Gives phases up when seats are lost.</param>
    /// <param name="progress">Is shown how many nodes are done.</param>
    /// <param name="time">Measures deadlines.</param>
    /// <param name="log">Logs answers that are asked for again.</param>
    public PhaseCalls(string run, SeatLoss seats, IShowProgress progress, TimeProvider time, ILogger log)
    {
        (_seats, _progress, _time) = (seats, progress, time);
        _calls = new LongCall(time, e => e is TimeoutException, e => AskedAgain(log, run, e.Message));
    }

    /// <summary>
    /// Calls for groups of nodes at the same time and waits for all nodes, the deadline, the loss of seats, or the
    /// end of the run.
    /// </summary>
    /// <param name="phase">Name of the phase.</param>
    /// <param name="groups">Ranks, in groups of one call each.</param>
    /// <param name="deadline">How long to wait.</param>
    /// <param name="call">Calls for nodes of one group; those that neither are done nor failed are called for
    /// again.</param>
    /// <param name="abandonable">Whether nodes are to stop when seats are lost; if not, they stop at the deadline and
    /// at the end of the run only.</param>
    /// <param name="stop">The run is to end.</param>
    /// <exception cref="SeatsLostException">A node or a silo with nodes is lost.</exception>
    public Task<PhaseAnswers<T>> Nodes<T>(string phase, int[][] groups, PhaseDeadline deadline,
        Func<int[], CancellationToken, Task<BatchAnswer<T>>> call, bool abandonable, CancellationToken stop) =>
        new PhaseCall<T>(phase, _calls, _seats.Current, deadline, _progress, _time)
            .Run(groups, call, abandonable, stop);

    /// <summary>Calls each silo once, for itself.</summary>
    /// <param name="phase">Name of the phase.</param>
    /// <param name="silos">How many silos.</param>
    /// <param name="deadline">How long to wait.</param>
    /// <param name="call">Calls the silo at an index.</param>
    /// <param name="stop">The run is to end.</param>
    /// <returns>Answers, and why some are missing, by index.</returns>
    /// <exception cref="SeatsLostException">A silo is lost.</exception>
    public Task<PhaseAnswers<T>> Silos<T>(
        string phase, int silos, PhaseDeadline deadline, Func<int, Task<T>> call, CancellationToken stop) =>
        Nodes(phase, [.. Enumerable.Range(0, silos).Select(i => new[] { i })], deadline,
            async (silo, _) => new BatchAnswer<T>(silo, [await call(silo[0])], []), true, stop);

    /// <summary>
    /// One call, made again when its answer does not come: it may be lost, and a repeated order is recognised.
    /// </summary>
    /// <remarks>A silo that is gone is not asked for ever: its loss gives the phase up.</remarks>
    /// <param name="call">Makes the call.</param>
    /// <param name="over">Asks no more.</param>
    public Task<T> Again<T>(Func<Task<T>> call, CancellationToken over) => _calls.Ask(call, over);

    [LoggerMessage(23, LogLevel.Debug, "Run {Run}: an answer did not come in time and is asked for again. {Reason}")]
    private static partial void AskedAgain(ILogger logger, string run, string reason);
}

/// <summary>What a phase gave.</summary>
/// <typeparam name="T">What one node answers.</typeparam>
/// <param name="Answers">Answers by rank.</param>
/// <param name="Missing">Why others are missing, a sentence each.</param>
internal sealed record PhaseAnswers<T>(Dictionary<int, T> Answers, SortedDictionary<int, string> Missing);

/// <summary>Is shown how a phase goes on.</summary>
internal interface IShowProgress
{
    /// <summary>A phase has come so far.</summary>
    /// <param name="phase">Name of the phase.</param>
    /// <param name="done">Nodes that are done.</param>
    /// <param name="of">Nodes in all.</param>
    void Show(string phase, int done, int of);
}
