namespace Orleans.FL.ClientCli.Output;

/// <summary>What flctl writes its results to does not take them.</summary>
/// <param name="cause">What the system said.</param>
internal sealed class OutputException(Exception cause) : Exception(
    $"The output cannot be written: {(cause.InnerException ?? cause).Message.TrimEnd('.')}; "
        + "free space there, or write it elsewhere.", cause)
{
    private const int BrokenPipe = 32;

    /// <summary>Whether the reader of a pipe has gone, as <c>head</c> does when it has enough.</summary>
    public bool NobodyReads => InnerException is IOException { HResult: BrokenPipe };
}
