namespace Orleans.FL.ClientCli.Output;

/// <summary>The exit codes of flctl.</summary>
internal static class ExitCode
{
    /// <summary>What was asked is done.</summary>
    public const int Done = 0;

    /// <summary>It could not be done, or ended early.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the experiment file is wrong; nothing was started.</summary>
    public const int YourInput = 2;
}
