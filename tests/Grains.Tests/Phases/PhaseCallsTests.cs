using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Phases;
using Xunit;

namespace Orleans.FL.Grains.Tests.Phases;

public sealed class PhaseCallsTests : IShowProgress, IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeSilos _silos = new("a", "b");
    private readonly SeatLoss _loss;
    private readonly PhaseCalls _calls;
    private readonly List<int> _shown = [];

    public PhaseCallsTests()
    {
        _loss = new SeatLoss(_silos);
        _calls = new PhaseCalls("run", _loss, this, _time, NullLogger.Instance);
    }

    public void Dispose() => _loss.Dispose();

    void IShowProgress.Show(string phase, int done, int of) => _shown.Add(done);

    [Fact(Timeout = 10_000)]
    public Task Only_nodes_that_are_still_at_it_are_called_again() => Turns.Run(async () =>
    {
        var ordered = new List<string>();

        var (answers, missing) = await _calls.Nodes("train", [[0, 1, 2]], PhaseDeadline.None, (nodes, _) =>
        {
            ordered.Add(string.Join(' ', nodes));
            return Task.FromResult(new BatchAnswer<string>([nodes[0]], [$"node {nodes[0]}"], [])); // one a call
        }, true, default);

        Assert.Equal(["0 1 2", "1 2", "2"], ordered);
        Assert.Equal(["node 0", "node 1", "node 2"], answers.Values);
        Assert.Empty(missing);
    });

    [Fact(Timeout = 10_000)]
    public Task A_node_that_fails_is_missing_with_its_reason_and_so_are_all_of_a_silo_that_fails() =>
        Turns.Run(async () =>
        {
            var (answers, missing) = await _calls.Nodes("train", [[0, 1], [2, 3]],
                PhaseDeadline.None, (nodes, _) => nodes[0] == 0
                    ? Task.FromResult(new BatchAnswer<int>([0], [7],
                        [new NodeFailure(1, "The disk is full.", Lost: false)]))
                    : throw new InvalidOperationException("Out of memory.\nat libtorch"), true, default);

            Assert.Equal([0], answers.Keys);
            Assert.Equal([new(1, "The disk is full."), new(2, "Out of memory."), new(3, "Out of memory.")], missing);
        });

    [Fact(Timeout = 10_000)]
    public Task A_node_past_the_deadline_is_missing_and_the_others_count() => Turns.Run(async () =>
    {
        var never = new TaskCompletionSource<BatchAnswer<int>>();
        var given = new List<CancellationToken>();

        var phase = _calls.Nodes("train", [[0], [1, 2]], PhaseDeadline.After(5), (nodes, token) =>
        {
            given.Add(token);
            return nodes[0] == 0 ? Done(0) : never.Task;
        }, true, default);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(phase.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        var (answers, missing) = await phase;
        Assert.Equal([0], answers.Keys);
        Assert.Equal([1, 2], missing.Keys);
        Assert.Equal("It missed the deadline of 5 s (train).", missing[1]);
        Assert.All(given, token => Assert.True(token.IsCancellationRequested)); // the nodes give up, too
    });

    [Fact(Timeout = 10_000)]
    public Task When_half_of_the_nodes_are_done_the_others_have_some_times_as_long() => Turns.Run(async () =>
    {
        var (second, never) = (new TaskCompletionSource<BatchAnswer<int>>(),
            new TaskCompletionSource<BatchAnswer<int>>());

        var phase = _calls.Nodes("train", [[0], [1], [2]], new PhaseDeadline(TimeSpan.FromSeconds(100), Medians: 2),
            (nodes, _) => nodes[0] switch { 0 => Done(0), 1 => second.Task, _ => never.Task }, true, default);
        _time.Advance(TimeSpan.FromSeconds(3));
        second.SetResult(await Done(1)); // two of three after 3 s: the last has until 2 × 3 s
        while (!_shown.Contains(2)) await Task.Yield();
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(phase.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        var (answers, missing) = await phase;
        Assert.Equal([0, 1], answers.Keys.Order());
        Assert.Equal([new(2, "It missed the deadline of 6 s (train).")], missing);
    });

    [Fact(Timeout = 10_000)]
    public Task An_answer_that_does_not_come_is_asked_for_again() => Turns.Run(async () =>
    {
        var calls = 0;

        var (answers, _) = await _calls.Silos("settle", 1, PhaseDeadline.After(60),
            _ => ++calls < 3 ? throw new TimeoutException() : Task.FromResult(calls), default);

        Assert.Equal(3, answers[0]);
    });

    [Fact(Timeout = 10_000)]
    public Task A_node_that_lost_its_state_gives_the_phase_up() => Turns.Run(async () =>
    {
        var never = new TaskCompletionSource<BatchAnswer<int>>();

        var lost = await Assert.ThrowsAsync<SeatsLostException>(() =>
            _calls.Nodes("train", [[0], [1]], PhaseDeadline.None, (nodes, _) => nodes[0] == 0
                ? Task.FromResult(new BatchAnswer<int>([], [],
                    [new NodeFailure(0, "Node 0 does not hold its state.", Lost: true)]))
                : never.Task, true, default));

        Assert.Equal("Node 0 does not hold its state.", lost.Message);
    });

    [Theory(Timeout = 10_000)]
    [InlineData(true)]
    [InlineData(false)] // the same training is wanted again in a moment
    public Task A_silo_that_is_lost_gives_the_phase_up_and_may_leave_nodes_at_work(bool abandonable) =>
        Turns.Run(async () =>
        {
            var (never, given) = (new TaskCompletionSource<BatchAnswer<int>>(), CancellationToken.None);
            _loss.Watch(() => _silos.Held);

            var phase = _calls.Nodes("train", [[0]], PhaseDeadline.None, (_, token) =>
            {
                given = token;
                return never.Task;
            }, abandonable, default);
            _silos.Remove("b");

            Assert.Equal("Silo b was lost.", (await Assert.ThrowsAsync<SeatsLostException>(() => phase)).Message);
            Assert.Equal(abandonable, given.IsCancellationRequested);
        });

    [Fact(Timeout = 10_000)]
    public Task A_run_that_is_stopped_gives_the_phase_up() => Turns.Run(async () =>
    {
        using var stop = new CancellationTokenSource();
        var never = new TaskCompletionSource<BatchAnswer<int>>();

        var phase = _calls.Nodes("train", [[0]], PhaseDeadline.None, (_, _) => never.Task, true, stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => phase);
    });

    private static Task<BatchAnswer<int>> Done(int node) => Task.FromResult(new BatchAnswer<int>([node], [0], []));
}
