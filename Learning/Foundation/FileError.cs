namespace Orleans.FL.Learning.Foundation;

/// <summary>Turns what the operating system says about a file into a sentence for the user.</summary>
internal static class FileError
{
    /// <summary>Does the work; a failure of the file system becomes "path cannot be (verb): reason".</summary>
    public static T Explain<T>(string path, string verb, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ExperimentException($"{path} cannot be {verb}: {e.Message}");
        }
    }
}
