using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Grains.Silos;

namespace Orleans.FL.Grains.Runs;

/// <summary>What a run holds on its coordinator's silo while it is under way, and letting go of it.</summary>
/// <param name="data">The run.</param>
/// <param name="arrivals">Waits for trainings of the silos.</param>
/// <param name="departures">Frees seats.</param>
/// <param name="record">What is reported of the run.</param>
/// <param name="contexts">Has the plan.</param>
/// <param name="states">Has the states of nodes that sit here.</param>
/// <param name="running">Says whether this silo stops.</param>
/// <param name="activation">Stays while the run is under way.</param>
internal sealed class RunHold(RunData data, LiveArrivals arrivals, Departures departures, RunRecord record,
    RunContexts contexts, NodeStates states, RunningExperiments running, IActivation activation)
{
    /// <summary>The run is under way: its coordinator stays.</summary>
    public void Take() => activation.Stay();

    /// <summary>Whether the coordinator does not stay any more: what it cannot do then, its successor does.</summary>
    public bool IsOver => activation.Over.IsCancellationRequested;

    /// <summary>Is cancelled when the coordinator does not stay any more.</summary>
    public CancellationToken Over => activation.Over;

    /// <summary>Lets go of what the run holds: it has ended.</summary>
    public async Task Release()
    {
        CloseFolder();
        _ = record.Standing.Report();
        await departures.FreeAll();
        Forget();
    }

    /// <summary>Lets go of it so that a successor takes it up, here or elsewhere.</summary>
    public void Suspend()
    {
        if (running.Leaving) states.Forget(data.Run); // its successor takes the states from the checkpoint
        _ = record.Standing.Report();
        Abandon();
        activation.MayGo(atOnce: true);
    }

    /// <summary>Lets go of it without a word: a successor has it, and speaks for it.</summary>
    public void Abandon()
    {
        CloseFolder();
        Forget();
    }

    private void CloseFolder()
    {
        arrivals.Leave();
        record.Events.Folder.Close();
    }

    private void Forget()
    {
        contexts.Forget(data.Run, data.Epoch);
        data.Plans.Forget();
        data.Seats.Seats.Clear();
        activation.MayGo(atOnce: false);
    }
}

/// <summary>The grain that coordinates a run, as far as its staying in memory goes.</summary>
internal interface IActivation
{
    /// <summary>Is cancelled when it goes all the same: calls lead to another one then.</summary>
    CancellationToken Over { get; }

    /// <summary>It stays until it may go.</summary>
    void Stay();

    /// <summary>It may go, as other grains do that nobody calls.</summary>
    /// <param name="atOnce">Whether it is to go as soon as no call is under way.</param>
    void MayGo(bool atOnce);
}
