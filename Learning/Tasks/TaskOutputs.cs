namespace Orleans.FL.Learning.Tasks;

/// <summary>What the outputs of a model are for.</summary>
/// <param name="Task">The task.</param>
/// <param name="Count">Outputs of a sample: one a class, or one for a value.</param>
public sealed record TaskOutputs(LearningTask Task, int Count);
