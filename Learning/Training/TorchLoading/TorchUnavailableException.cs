namespace Orleans.FL.Learning.Training.TorchLoading;

/// <summary>libtorch is missing or does not load; the message is one sentence with the remedy.</summary>
public sealed class TorchUnavailableException : Exception
{
    /// <summary>An exception with a reason.</summary>
    /// <param name="message">What is missing and what would do; one sentence.</param>
    /// <param name="cause">The loader's own exception; null if nothing was loaded at all.</param>
    public TorchUnavailableException(string message, Exception? cause = null) : base(message, cause) { }
}
