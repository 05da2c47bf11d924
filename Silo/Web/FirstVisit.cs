namespace Orleans.FL.Silo.Web;

/// <summary>The first time that somebody looks at the dashboard.</summary>
internal sealed class FirstVisit
{
    private readonly TaskCompletionSource _happened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A visit to come.</summary>
    /// <param name="expected">Whether what waits for it is to begin at once.</param>
    public FirstVisit(bool expected)
    {
        if (expected) Note();
    }

    /// <summary>Ends with the first visit.</summary>
    public Task Happened => _happened.Task;

    /// <summary>Somebody looks; later times change nothing.</summary>
    public void Note() => _happened.TrySetResult();
}
