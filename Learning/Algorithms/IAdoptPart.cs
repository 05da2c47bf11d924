using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>An algorithm whose nodes keep a part of the model for themselves, so that a new member begins with
/// another's rest alone. Others begin with whole weights, where no server spreads its model.</summary>
public interface IAdoptPart
{
    /// <summary>What a new member begins with.</summary>
    /// <param name="me">The new member, which has learnt nothing.</param>
    /// <param name="weights">Another member's weights.</param>
    ParameterVector Adopted(Learner me, ParameterVector weights);
}
