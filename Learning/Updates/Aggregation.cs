using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Updates;

/// <summary>Makes one vector of the same vector of each update of a row.</summary>
/// <param name="part">The vector of an update: its weights, or one of its auxiliary vectors.</param>
/// <returns>A vector of the same length.</returns>
public delegate ParameterVector Aggregation(Func<Update, ParameterVector> part);
