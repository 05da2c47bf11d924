namespace Orleans.FL.Learning.Records.Reports;

/// <summary>The state of a run, as its folder shows it.</summary>
public enum RunOutcome
{
    /// <summary>All its rounds are done.</summary>
    Finished,

    /// <summary>It ended with an error.</summary>
    Failed,

    /// <summary>It was stopped by its user.</summary>
    Stopped,

    /// <summary>A process is working on it.</summary>
    Running,

    /// <summary>It has no end, and no process works on it: it was killed.</summary>
    Unfinished,
}
