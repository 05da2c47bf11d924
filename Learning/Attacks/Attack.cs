using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Attacks;

/// <summary>What an attacker does instead of what an honest node would do.</summary>
/// <remarks>
/// Stateless; hooks give the same for the same arguments. The attacker's own state stays true: it trains, and it mixes
/// its own honest update. Hooks are asked in rounds in which the attack is on; a server never attacks.
/// </remarks>
public abstract class Attack
{
    /// <summary>The samples that the attacker trains on; by default its own.</summary>
    /// <param name="own">Its own samples.</param>
    /// <param name="node">Rank of the attacker.</param>
    /// <param name="round">Round, from 0.</param>
    public virtual SampleSet Poison(SampleSet own, int node, int round) => own;

    /// <summary>What is added to the loss in the attacker's training; by default what its algorithm adds.</summary>
    /// <param name="honest">What the algorithm adds.</param>
    /// <param name="node">Rank of the attacker.</param>
    /// <param name="round">Round, from 0.</param>
    public virtual LocalObjective Objective(LocalObjective honest, int node, int round) => honest;

    /// <summary>What the attacker sends; by default what an honest node would.</summary>
    /// <remarks>
    /// An update of another shape, or with values that are not finite, is refused: the attacker is absent
    /// for the round.
    /// </remarks>
    /// <param name="honest">What an honest node would send, filtered.</param>
    /// <param name="context">Whose it is, of which round, and what it was at the round's start.</param>
    public virtual Update Send(Update honest, UpdateContext context) => honest;
}
