using System.ComponentModel;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Silo.Databases;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands.Clusters;

/// <summary>Makes a database ready for the silos of a cluster.</summary>
internal sealed class ClusterInitCommand(Terminal terminal) : AsyncCommand<ClusterInitCommand.Settings>
{
    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--postgres <CONNECTION>")]
        [Description("PostgreSQL, as Host=db;Database=fl;Username=fl;Password=secret.")]
        public string? Postgres { get; init; }

        [CommandOption("--redis <CONNECTION>"), Description("Redis, as db:6379,password=secret.")]
        public string? Redis { get; init; }

        /// <summary>The database: from the command line, else from the variables that a silo reads as well.</summary>
        internal (ClusteringKind Kind, string Connection) Database => (Postgres, Redis) switch
        {
            ({ } postgres, _) => (ClusteringKind.Postgres, postgres),
            (_, { } redis) => (ClusteringKind.Redis, redis),
            _ =>
                (Enum.TryParse<ClusteringKind>(Variable("CLUSTERING"), ignoreCase: true, out var kind) ? kind : default,
                    Variable("DATABASE")),
        };

        public override ValidationResult Validate()
        {
            if (Postgres is not null && Redis is not null)
                return ValidationResult.Error("--postgres does not go with --redis: a cluster has one database.");
            var (kind, connection) = Database;
            if (kind == ClusteringKind.Localhost || connection.Length == 0)
                return ValidationResult.Error("Name the database: --postgres CONNECTION or --redis CONNECTION, "
                    + "or the variables ORLEANS_FL_CLUSTERING and ORLEANS_FL_DATABASE that silos read.");
            var place = (Postgres ?? Redis) is null ? "ORLEANS_FL_DATABASE" : $"--{kind}".ToLowerInvariant();
            return ClusterInit.ValidationError(kind, connection) is { } error
                ? ValidationResult.Error($"{place}: {error}")
                : ValidationResult.Success();
        }

        private static string Variable(string name) => Environment.GetEnvironmentVariable($"ORLEANS_FL_{name}") ?? "";
    }

    public override async Task<int> ExecuteAsync(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var (kind, connection) = settings.Database;
        var report = await ClusterInit.Run(kind, connection, cancellationToken);
        terminal.Output.WriteLine(report.Done);
        foreach (var warning in report.Warnings) terminal.Error.WriteLine($"Warning: {warning}");
        return ExitCode.Done;
    }
}
