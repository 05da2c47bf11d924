using Microsoft.Extensions.Options;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Datasets.Fetching;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Training.TorchLoading;
using Orleans.FL.Silo.Databases;
using Orleans.FL.Silo.Security;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli;

/// <summary>Turns what went wrong into sentences on stderr and an exit code.</summary>
internal static partial class Errors
{
    /// <summary>Explains an exception.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="terminal">Where to.</param>
    /// <returns>The exit code.</returns>
    public static int Explain(Exception exception, Terminal terminal)
    {
        var (code, sentences) = Explain(exception);
        foreach (var sentence in sentences) terminal.Error.WriteLine(sentence);
        return code;
    }

    private static (int Code, IEnumerable<string> Sentences) Explain(Exception exception) => exception switch
    {
        RunFailedException => (ExitCode.Failed, [exception.Message]),
        ExperimentException e => (ExitCode.YourInput, e.Errors.Select(f => f.ToString())),
        OptionsValidationException e => (ExitCode.YourInput, e.Failures),
        ProfileException or SecurityException => (ExitCode.YourInput, [exception.Message]),
        CommandAppException e => (ExitCode.YourInput,
            [$"{e.Message.TrimEnd('.')}. 'flctl --help' and 'flctl COMMAND --help' list what there is."]),
        FederationException or RunException or DatasetFetchException or TorchUnavailableException
            or ClusterDatabaseException or MeasurementException =>
            (ExitCode.Failed, [exception.Message]),
        OperationCanceledException => (ExitCode.Failed, ["Interrupted."]),
        OutputException { NobodyReads: true } => (ExitCode.Failed, []),
        OutputException => (ExitCode.Failed, [exception.Message]),
        TimeoutException or OrleansException => (ExitCode.Failed,
            [$"The silo did not answer: {exception.Message.ReplaceLineEndings(" ")} Try again, or see its log."]),
        _ => (ExitCode.Failed, [$"flctl failed, which it should not: {exception}"]),
    };
}
