using BenchmarkDotNet.Running;
using Orleans.FL.Benchmarks.Cluster;
using Orleans.FL.Benchmarks.Questions;
using Orleans.FL.Benchmarks.Runs;
using Orleans.FL.Benchmarks.Transfer;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Training.TorchLoading;
const string help = """
    benchmarks questions [--filter '*ExactMean*']              small questions, by BenchmarkDotNet
    benchmarks plain-loop --config FILE [--set PATH=VALUE …]   FedAvg in plain TorchSharp; prints one JSON object
    benchmarks whole-run [JOB …] [--repeats N] [--without-plain] [--update-docs]
                                                               flctl and the plain loop beside it; prints tables
    benchmarks transfer [--slow-link] [--window N]             weights from silo to silo beside a raw TCP copy;
                                                           --slow-link as root, over 100 Mbit/s between two
                                                           network namespaces
    benchmarks cluster [recovery] [silos] [checkpoints] [aggregators] [--repeats N]
                                                           silo processes on redis-server: seconds to recover from
                                                           kill -9, three silos beside one, checkpoints beside none,
                                                           memory and time of robust aggregators
    """;

try
{
    switch (args)
    {
        case ["questions", .. var rest]:
            BenchmarkSwitcher.FromAssembly(typeof(InThisProcess).Assembly)
                .Run(rest.Length == 0 ? ["--filter", "*"] : rest, new InThisProcess());
            return 0;
        case ["plain-loop", .. var rest]:
            Console.WriteLine(PlainLoopArguments.Run(rest));
            return 0;
        case ["whole-run", .. var rest]:
            await new WholeRunCommand(Console.Out, TimeProvider.System).Run(rest);
            return 0;
        case ["transfer", .. var rest]:
            await new TransferCommand(Console.Out).Run(rest);
            return 0;
        case ["cluster", .. var rest]:
            await new ClusterCommand(Console.Out).Run(rest);
            return 0;
        case [TransferSilo.Publisher or TransferSilo.Reader, ..]:
            await TransferSilo.Run(args);
            return 0;
        default:
            Console.Error.WriteLine(help);
            return 2;
    }
}
catch (ExperimentException e)
{
    foreach (var error in e.Errors) Console.Error.WriteLine(error);
    return 2;
}
catch (Exception e) when (e is ArgumentException or TorchUnavailableException or MeasurementException)
{
    Console.Error.WriteLine(e.Message);
    return e is ArgumentException ? 2 : 1;
}
