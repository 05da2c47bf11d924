namespace Orleans.FL.Learning.Algorithms;

/// <summary>
/// An algorithm that says in which exchanges it combines on a lane. Others do so in all but a broadcast.
/// </summary>
public interface IChooseLanes
{
    /// <summary>Whether <see cref="Algorithm.Combine"/> takes a lane's turn; false where it only takes a vector
    /// over, and has no <see cref="Learner.Bench"/>.</summary>
    /// <param name="exchange">Which exchange.</param>
    bool WorksOnLane(Exchange exchange);
}
