using Orleans.FL.Silo.Databases;
using Orleans.FL.Silo.Options;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.SiloHosting;

public sealed class SiloOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_anything_the_defaults_hold()
    {
        var reading = Read([]);

        Assert.Empty(reading.Errors);
        Assert.Equal(new SiloOptions(), reading.Options);
        Assert.True(new SiloOptionsValidator().Validate(null, reading.Options).Succeeded);
    }

    [Fact]
    public void A_flag_wins_over_the_environment_and_that_over_the_file()
    {
        _folder.Write("appsettings.json", """{ "siloPort": 1, "gatewayPort": 1, "httpPort": 1, "runs": "file" }""");

        var options = Read(["--http-port", "3"], ("ORLEANS_FL_HTTP_PORT", "2"),
            ("ORLEANS_FL_GATEWAY_PORT", "2")).Options;

        Assert.Equal((1, 2, 3, "file"), (options.SiloPort, options.GatewayPort, options.HttpPort, options.Runs));
    }

    [Fact]
    public void A_named_file_takes_the_place_of_the_usual_one()
    {
        _folder.Write("appsettings.json", """{ "lanes": 1 }""");
        _folder.Write("mine.json", """{ "lanes": 5 } // comments are welcome""");

        Assert.Equal(5, Read(["--config=mine.json"]).Options.Lanes);
    }

    [Fact]
    public void Every_error_is_reported()
    {
        _folder.Write("appsettings.json", """{ "lanes": "many", "colour": 1, "runs": [] }""");

        var errors = Read(["--nope", "--http-port", "x", "--silo-port"], ("ORLEANS_FL_GATEWAY_PORT", "y")).Errors;

        // lanes, colour, runs; --nope, --http-port, --silo-port; the variable.
        Assert.Equal(7, errors.Count);
        Assert.Contains(errors, f => f.StartsWith("ORLEANS_FL_GATEWAY_PORT: 'y'", StringComparison.Ordinal));
        Assert.Contains(errors, f => f.Contains("'colour'") && f.Contains("gatewayPort"));
    }

    [Theory]
    [InlineData("no JSON", "{ not json")]
    [InlineData("no object", "[]")]
    [InlineData("empty", "")]
    public void A_file_that_cannot_be_read_as_options_is_an_error(string what, string text)
    {
        _folder.Write("appsettings.json", text);

        var error = Assert.Single(Read([]).Errors);
        Assert.True(error.StartsWith("appsettings.json: ", StringComparison.Ordinal), what);
    }

    [Fact]
    public void A_missing_file_is_an_error() =>
        Assert.Contains("there is no file", Assert.Single(Read(["--config", "x.json"]).Errors));

    [Fact]
    public void The_help_names_every_flag()
    {
        Assert.True(Read(["--help"]).Help);
        foreach (var flag in (string[])["--name", "--silo-port", "--gateway-port", "--http-port", "--bind",
            "--advertise", "--clustering", "--database", "--cluster", "--labels", "--checkpoints", "--primary",
            "--lanes", "--runs", "--state-memory", "--hand-over-seconds", "--transfer-window",
            "--tls-certificate", "--tls-key", "--tls-authority", "--http-key-file", "--insecure", "--config"])
            Assert.Contains($"  {flag} ", SiloOptionsReader.Help());
    }

    [Fact]
    public void The_validator_finds_every_error()
    {
        var errors = Errors(new()
        {
            SiloPort = 0,
            GatewayPort = -1,
            HttpPort = 70_000,
            Lanes = -1,
            Runs = " ",
            Primary = "10.0.0.1:1"
        });

        Assert.Equal(["--silo-port", "--gateway-port", "--http-port", "--primary", "--lanes", "--runs"],
            errors.Select(f => f[..f.IndexOf(':')]));
    }

    [Fact]
    public void Numbers_stay_in_their_ranges()
    {
        Assert.Equal((5, 8), Read(["--hand-over-seconds", "5", "--transfer-window", "8"]).Options is var o
            ? (o.HandOverSeconds, o.TransferWindow)
            : default);
        Assert.Equal(["--hand-over-seconds", "--transfer-window"],
            Errors(new() { HandOverSeconds = -1, TransferWindow = 65 }).Select(f => f[..f.IndexOf(':')]));
        Assert.StartsWith("--state-memory: ", Assert.Single(Errors(new() { StateMemory = -1 })));
        Assert.StartsWith("--transfer-window: ", Assert.Single(Errors(new() { TransferWindow = 0 })));
        Assert.Empty(Errors(new() { HandOverSeconds = 0, TransferWindow = 1 }));
    }

    [Theory]
    [InlineData("127.0.0.1:11112", true)]
    [InlineData("localhost:11112", true)]
    [InlineData("127.0.0.1:11111", false)] // its own
    [InlineData("127.0.0.1", false)]
    [InlineData("192.168.0.1:11112", false)]
    [InlineData("elsewhere:11112", false)]
    public void The_primary_is_another_silo_of_this_machine(string primary, bool fine) =>
        Assert.Equal(fine, Errors(new() { Primary = primary }).Length == 0);

    [Fact]
    public void Ports_must_differ() =>
        Assert.Contains("11111 is given twice", Assert.Single(Errors(new() { HttpPort = 11111 })));

    [Fact]
    public void Words_are_read_without_regard_to_case_and_other_words_are_an_error()
    {
        Assert.Equal(ClusteringKind.Redis, Read(["--clustering", "REDIS"]).Options.Clustering);
        Assert.Equal("--clustering: 'mysql' is none of localhost, postgres, redis.",
            Assert.Single(Read(["--clustering", "mysql"]).Errors));
        Assert.Single(Read(["--clustering", "1"]).Errors);
    }

    [Theory]
    [InlineData("--bind", "somewhere", "", "", "Localhost")]
    [InlineData("--bind", "10.0.0.1", "", "", "Localhost")] // one machine
    [InlineData("--advertise", "0.0.0.0", "", "", "Redis")] // not an address that others can connect to
    [InlineData("--advertise", "0.0.0.0", "0.0.0.0", "", "Redis")]
    [InlineData("--advertise", "127.0.0.1", "10.0.0.1", "", "Redis")] // the silo does not listen there
    [InlineData("--primary", "10.0.0.1", "", "127.0.0.1:1", "Redis")]
    [InlineData("", "10.0.0.1", "", "", "Redis")]
    [InlineData("", "0.0.0.0", "10.0.0.1", "", "Redis")]
    [InlineData("", "127.0.0.1", "", "", "Localhost")]
    public void Addresses_fit_the_clustering(
        string error, string bind, string advertise, string primary, string clustering)
    {
        var kind = Enum.Parse<ClusteringKind>(clustering);
        var errors = Errors(new()
        {
            Bind = bind,
            Advertise = advertise,
            Primary = primary,
            Clustering = kind,
            Database = kind == ClusteringKind.Redis ? "db:6379" : "",
            Insecure = true,
            HttpKeyFile = _folder.Write("key", "0123456789abcdef"),
        });

        if (error.Length == 0) Assert.Empty(errors);
        else Assert.StartsWith($"{error}: ", Assert.Single(errors));
    }

    [Theory]
    [InlineData("Postgres", "")]
    [InlineData("Postgres", "Hoost=db;Password=hidden")]
    [InlineData("Postgres", "postgres://fl:hidden@db/fl")]
    [InlineData("Postgres", "Password=hidden;Username=fl")]
    [InlineData("Redis", "password=hidden")]
    [InlineData("Redis", "db:6379,pasword=hidden")]
    [InlineData("Localhost", "Host=db;Password=hidden")]
    public void A_database_that_makes_no_sense_is_an_error_that_does_not_repeat_it(string clustering, string database)
    {
        var error = Assert.Single(
            Errors(new() { Clustering = Enum.Parse<ClusteringKind>(clustering), Database = database }));

        Assert.StartsWith("--database: ", error);
        Assert.DoesNotContain("hidden", error);
    }

    [Fact]
    public void Options_in_words_hold_no_password() =>
        Assert.DoesNotContain("hidden", $"{new SiloOptions { Database = "Host=db;Password=hidden" }}");

    [Fact]
    public void Labels_are_read_by_key_and_malformed_ones_are_errors()
    {
        Assert.Equal("gpu=a100 zone=a", string.Join(' ',
            new SiloOptions { Labels = "zone=a, gpu=a100" }.LabelsByKey().Select(l => $"{l.Key}={l.Value}")));
        Assert.Equal(3, Errors(new() { Labels = "zone,=b,x=1,x=2" }).Length);
    }

    [Fact]
    public void Checkpoints_are_where_every_silo_finds_them()
    {
        Assert.Equal(CheckpointPlace.Folder, new SiloOptions().EffectiveCheckpoints);
        Assert.Equal(CheckpointPlace.Database,
            new SiloOptions { Clustering = ClusteringKind.Postgres }.EffectiveCheckpoints);
        Assert.Equal(CheckpointPlace.Folder, new SiloOptions
        {
            Clustering = ClusteringKind.Redis,
            Checkpoints = CheckpointPlace.Folder
        }.EffectiveCheckpoints);
        Assert.StartsWith("--checkpoints: ", Assert.Single(Errors(new() { Checkpoints = CheckpointPlace.Database })));
    }

    private static string[] Errors(SiloOptions options) =>
        [.. new SiloOptionsValidator().Validate(null, options).Failures ?? []];

    private SiloOptionsReading Read(string[] args, params (string Name, string Value)[] environment) =>
        SiloOptionsReader.Read(args, name => environment.FirstOrDefault(e => e.Name == name).Value, _folder.Path);
}
