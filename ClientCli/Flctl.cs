using Orleans.FL.ClientCli.Benchmarking;
using Orleans.FL.ClientCli.Commands;
using Orleans.FL.ClientCli.Commands.Clusters;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.ClientCli.Watching;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Datasets.Fetching;
using Orleans.FL.Learning.Records;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli;

/// <summary>The command table.</summary>
internal static class Flctl
{
    /// <summary>Runs a command line.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="terminal">Where to write.</param>
    /// <param name="federations">Where silos come from.</param>
    /// <param name="cancellation">Ctrl+C.</param>
    public static async Task<int> Run(
        string[] args, Terminal terminal, IFederations federations, CancellationToken cancellation = default)
    {
        var app = new CommandApp();
        app.Configure(config =>
        {
            config.SetApplicationName("flctl").SetApplicationVersion(RunManifest.CurrentVersion);
            config.UseStrictParsing().TrimTrailingPeriods(false).CancellationExitCode(ExitCode.Failed);
            config.ConfigureConsole(terminal.Console);
            config.SetExceptionHandler((e, _) => Errors.Explain(e, args, terminal));
            var services = config.Settings.Registrar;
            services.RegisterInstance(terminal);
            services.RegisterInstance(federations);
            services.RegisterInstance(new RunFinder(federations, terminal.Error.WriteLine));
            services.RegisterInstance(new Following(federations, terminal, TimeProvider.System));
            AddRuns(config);
            AddFiles(config);
            AddTopologies(config);
            AddData(config, services);
            AddCluster(config);
            AddBenchmarks(config);
        });
        return await app.RunAsync(args.Length == 0 ? ["--help"] : args, cancellation);
    }

    private static void AddRuns(IConfigurator config)
    {
        config.AddCommand<StartCommand>("start")
            .WithDescription("Checks an experiment file, starts the experiment and shows it happening. "
                + "Exit code 0 = all rounds done.")
            .WithExample("start", "experiments/fashion-mnist/fedavg.json", "--local")
            .WithExample("start", "--config", "experiment.json", "--set", "rounds=50",
                "--set", "training.optimizer.learningRate=0.1")
            .WithExample("start", "--config", "experiment.json", "--detach")
            .WithExample("start", "--config", "experiment.json", "--local", "--json");
        config.AddCommand<WatchCommand>("watch")
            .WithDescription(
                "Shows a run of a silo: what has happened, then what happens. Ctrl+C leaves the run alone.")
            .WithExample("watch", "quickstart-20260101-120000")
            .WithExample("watch", "quickstart-20260101-120000", "--from", "17", "--json");
        config.AddCommand<ListCommand>("list")
            .WithDescription("Lists the runs in ./runs and on the silo, the newest first.")
            .WithExample("list").WithExample("list", "--runs", "/data/runs", "--json");
        config.AddCommand<ShowCommand>("show")
            .WithDescription("Shows the results of a run: rounds, accuracy curve, hash of the weights, files.")
            .WithExample("show", "quickstart-20260101-120000")
            .WithExample("show", "runs/quickstart-20260101-120000", "--json");
        config.AddCommand<ProfileCommand>("profile")
            .WithDescription("Says where the time of a run went, under way or over: phases, rates of training, "
                + "what lanes did, slowest rounds. With --peak also as a share of what this machine computes.")
            .WithExample("profile", "quickstart-20260101-120000")
            .WithExample("profile", "runs/quickstart-20260101-120000", "--peak")
            .WithExample("profile", "quickstart-20260101-120000", "--json");
        config.AddCommand<StopCommand>("stop")
            .WithDescription("Ends a run of a silo; what is done is kept.")
            .WithExample("stop", "quickstart-20260101-120000");
        config.AddCommand<PauseCommand>("pause")
            .WithDescription("Holds a run of a silo at the end of its round.")
            .WithExample("pause", "quickstart-20260101-120000");
        config.AddCommand<ResumeCommand>("resume")
            .WithDescription(
                "Goes on with a run: a paused one, or one that was stopped or failed, from its last checkpoint.")
            .WithExample("resume", "quickstart-20260101-120000")
            .WithExample("resume", "quickstart-20260101-120000", "--local");
        config.AddBranch("node", node =>
        {
            node.SetDescription("Shows the nodes of a run, has some join or leave.");
            node.AddCommand<NodeListCommand>("list")
                .WithDescription("Lists who sits where.").WithExample("node", "list", "quickstart-20260101-120000");
            node.AddCommand<NodeAddCommand>("add")
                .WithDescription("Has nodes join a run at the beginning of its next round.")
                .WithExample("node", "add", "quickstart-20260101-120000")
                .WithExample("node", "add", "quickstart-20260101-120000", "7", "8");
            node.AddCommand<NodeRemoveCommand>("remove")
                .WithDescription(
                    "Has nodes leave a run at the beginning of its next round; their samples leave with them.")
                .WithExample("node", "remove", "quickstart-20260101-120000", "7");
        });
    }

    private static void AddFiles(IConfigurator config)
    {
        config.AddCommand<ValidateCommand>("validate")
            .WithDescription("Checks an experiment file, with its data where they are here, and reports every error; "
                + "starts nothing.")
            .WithExample("validate", "experiment.json").WithExample("validate", "experiment.json", "--set", "nodes=16");
        config.AddCommand<SimulateCommand>("simulate")
            .WithDescription("Runs an experiment in this process without silos and without a record; "
                + "a cluster gives the same weights.")
            .WithExample("simulate", "experiment.json")
            .WithExample("simulate", "experiment.json", "--lanes", "1", "--json");
        config.AddCommand<ComponentsCommand>("components")
            .WithDescription("Lists what experiment files may choose from: "
                + "algorithms, topologies, datasets, models, and their options.")
            .WithExample("components").WithExample("components", "algorithms")
            .WithExample("components", "fedprox", "--json");
        config.AddCommand<SchemaCommand>("schema")
            .WithDescription("Prints the JSON Schema of experiment files, for editors.").WithExample("schema");
    }

    private static void AddTopologies(IConfigurator config) => config.AddBranch("topology", topology =>
    {
        topology.SetDescription("Shows who receives from whom: graphs, their figures and pictures. Needs no silo.");
        topology.AddCommand<TopologyListCommand>("list")
            .WithDescription("Lists the topologies.").WithExample("topology", "list");
        topology
            .AddCommand<TopologyShowCommand>("show")
            .WithDescription("Shows a topology for so many nodes: "
                + "degree, diameter, connectivity, spectral gap, rounds to consensus; as JSON, GraphML or a picture.")
            .WithExample("topology", "show", "ring", "--nodes", "16")
            .WithExample("topology", "show", "random-regular", "--nodes", "100", "--set", "degree=6", "--seed", "3")
            .WithExample("topology", "show", "base-graph", "--nodes", "25", "--set", "maxDegree=2", "--json")
            .WithExample("topology", "show", "one-peer-exponential", "--nodes", "16", "--svg", "exponential.svg")
            .WithExample("topology", "show", "edge-list", "--nodes", "9", "--set", "file=my.graphml", "--set",
                "mixing=own");
    });

    private static void AddBenchmarks(IConfigurator config)
    {
        config.AddCommand<BenchCommand>("bench")
            .WithDescription("Runs jobs as a user would, 'flctl start --local' each, and reports rates, processor time "
                + "and memory beside their targets and beside what the machine gives at the moment. Linux only.")
            .WithExample("bench", "list").WithExample("bench", "small", "users-mlp")
            .WithExample("bench", "all", "--repeat", "3", "--markdown")
            .WithExample("bench", "all", "--baseline", "benchmarks/baseline.json");
        config.AddCommand<BenchProbeCommand>(BenchProbe.Command).IsHidden()
            .WithDescription("What bench measures beside its jobs, in a process of its own.");
    }

    private static void AddCluster(IConfigurator config) => config.AddBranch("cluster", cluster =>
    {
        cluster.SetDescription(
            "Makes databases and certificates for clusters of several machines, and names clusters for --cluster.");
        cluster.AddCommand<ClusterInitCommand>("init")
            .WithDescription("Makes what silos need in a PostgreSQL database, or looks whether a Redis server does. "
                + "Done once; doing it again changes nothing.")
            .WithExample("cluster", "init", "--postgres", "'Host=db;Database=fl;Username=fl;Password=secret'")
            .WithExample("cluster", "init", "--redis", "db:6379,password=secret");
        cluster.AddCommand<ClusterShowCommand>("show")
            .WithDescription("Shows the silos: devices, lanes in use, nodes seated, memory.")
            .WithExample("cluster", "show").WithExample("cluster", "show", "--json");
        cluster.AddCommand<ClusterAddCommand>("add")
            .WithDescription("Gives a cluster a name for --cluster: its gateways, and flctl's certificate.")
            .WithExample("cluster", "add", "lab", "--gateway", "10.0.0.1:30000", "--gateway", "10.0.0.2:30000",
                "--certificate", "client.pem", "--key", "client.key", "--authority", "ca.pem");
        cluster.AddCommand<ClusterListCommand>("list")
            .WithDescription("Lists the clusters that have names.").WithExample("cluster", "list");
        cluster.AddCommand<ClusterRemoveCommand>("remove")
            .WithDescription("Forgets the name of a cluster.").WithExample("cluster", "remove", "lab");
        cluster.AddCommand<ClusterCertificatesCommand>("certificates")
            .WithDescription("Makes an authority and certificates for silos and for flctl; keeps those that are there.")
            .WithExample("cluster", "certificates", "--out", "certificates", "--name", "silo-a", "--name", "silo-b",
                "--host", "10.0.0.1");
    });

    private static void AddData(IConfigurator config, ITypeRegistrarFrontend services)
    {
        // Made when they are asked for: the catalog looks at all of our classes.
        var store = new Lazy<DatasetStore>(() => new DatasetStore(DatasetLocator.Default));
        services.RegisterInstance(store);
        services.RegisterInstance(new Lazy<DatasetFetcher>(() => new DatasetFetcher(store.Value)));
        config.AddBranch("data", data =>
        {
            data.SetDescription("Lists datasets, fetches them, looks at files of your own.");
            data.AddCommand<DataListCommand>("list")
                .WithDescription("Lists the datasets and where they are.").WithExample("data", "list");
            data.AddCommand<DataGetCommand>("get")
                .WithDescription(
                    "Fetches a dataset, without root: from its official address, else from Debian's package.")
                .WithExample("data", "get", "fashion-mnist");
            data.AddCommand<DataInspectCommand>("inspect")
                .WithDescription("Shows the columns of a table of your own, and writes an experiment file for it.")
                .WithExample("data", "inspect", "patients.csv")
                .WithExample("data", "inspect", "patients.csv", "--target", "outcome", "--user", "hospital", "--out",
                    "patients.json");
        });
    }
}
