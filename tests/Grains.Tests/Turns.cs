namespace Orleans.FL.Grains.Tests;

/// <summary>Runs work as a grain's turns run: one piece at a time, each after the other.</summary>
internal static class Turns
{
    /// <summary>Runs work to its end.</summary>
    public static Task Run(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None,
        TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();
}
