using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Nodes;

/// <summary>Steps that take longer than a call: the step goes on, and the caller asks again.</summary>
internal sealed partial class NodeGrain
{
    private (Step Step, Task<PhaseReport> Done, CancellationTokenSource Stop)? _step;

    /// <summary>Takes a step, or waits on for the one that is under way; one at a time.</summary>
    /// <param name="step">The step; the same order again is the same step.</param>
    /// <param name="take">Takes it.</param>
    /// <param name="cancellation">Gives the step up, however often it was asked for.</param>
    private async Task<PhaseReport> WaitFor(
        Step step, Func<CancellationToken, Task<PhaseReport>> take, CancellationToken cancellation)
    {
        if (_step is not { } known || known.Step != step
            || known.Done is { IsCompleted: true, IsCompletedSuccessfully: false })
        {
            await StepEnds();
            var stop = new CancellationTokenSource();
            _step = known = (step, take(stop.Token), stop);
        }
        using var givenUp = cancellation.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(),
            known.Stop);
        return await known.Done.EndsWithin(CallLimit.AnswersWithin, time, CancellationToken.None)
            ? await known.Done
            : PhaseReport.StillAtIt;
    }

    /// <summary>Waits for the step under way, if there is one: two must not touch the learner at a time.</summary>
    private async Task StepEnds()
    {
        if (_step is not { } step) return;
        if (!step.Done.IsCompleted)
            await ((Task)step.Done).ConfigureAwait(
                ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        step.Stop.Dispose();
        _step = null;
    }

    /// <summary>A step: what is to be done, and from which state.</summary>
    private sealed record Step(string What, StepOrder Order);
}
