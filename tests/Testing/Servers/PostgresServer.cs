using Npgsql;
using Xunit;

namespace Orleans.FL.Testing.Servers;

/// <summary>
/// A PostgreSQL server of its own: on loopback by default, on a free port, in a folder that goes with it.
/// </summary>
/// <remarks>A class fixture of xunit, or made by <see cref="Create"/>; stop and start it to play an outage.</remarks>
public sealed class PostgresServer : IAsyncLifetime, IAsyncDisposable
{
    /// <summary>The administrator's password.</summary>
    public const string Password = "not-to-be-seen";

    private const string Administrator = "postgres";
    private const UnixFileMode ReadByOthers = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead;

    // PostgreSQL refuses to run as root; its package brings this user.
    private static readonly string? User = Environment.IsPrivilegedProcess ? "postgres" : null;

    private readonly string _folder = Path.Combine(Path.GetTempPath(),
        $"orleans-fl-postgres-{Path.GetRandomFileName()}");
    private readonly int _port = ServerProcess.FreePort();
    private readonly string _address;
    private ServerProcess? _server;
    private int _databases;

    /// <summary>A server on loopback.</summary>
    public PostgresServer()
        : this(ServerProcess.Loopback)
    {
    }

    private PostgresServer(string address) => _address = address;

    /// <summary>Starts one.</summary>
    /// <param name="address">What it listens on; all that can reach it may call it.</param>
    public static async Task<PostgresServer> Create(string address = ServerProcess.Loopback)
    {
        var server = new PostgresServer(address);
        await server.InitializeAsync();
        return server;
    }

    /// <summary>Connection string of the administrator's database, for tests that need no empty one.</summary>
    public string Connection => ConnectionTo("postgres");

    /// <summary>Makes the server's folder and starts it.</summary>
    /// <exception cref="InvalidOperationException">PostgreSQL is not installed; says how to get it.</exception>
    public async Task InitializeAsync()
    {
        var initdb = Programs("initdb"); // says what to install before anything is made
        var password = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(password, Password);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(password, ReadByOthers);
            await ServerProcess.Run(User, initdb, "-D", _folder, "-U", Administrator, $"--pwfile={password}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync");
        }
        finally
        {
            File.Delete(password);
        }
        if (_address != ServerProcess.Loopback) // initdb lets nobody else in
            await File.AppendAllTextAsync(Path.Combine(_folder, "pg_hba.conf"), "host all all all scram-sha-256\n");
        await Start();
    }

    /// <summary>Ends the server; its clients lose their connections, what is committed stays.</summary>
    public async Task Stop()
    {
        if (_server is null) return;
        await _server.DisposeAsync();
        _server = null;
    }

    /// <summary>Starts it again, on the same port.</summary>
    public async Task Start()
    {
        _server = new ServerProcess(User, "INT", Programs("postgres"), "-D", _folder, "-p", $"{_port}",
            "-c", $"listen_addresses={_address}", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c",
            "shared_buffers=16MB");
        await _server.Ready(Answers);
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> Database()
    {
        var name = $"fl{Interlocked.Increment(ref _databases)}";
        await Execute(Connection, $"CREATE DATABASE {name}");
        return ConnectionTo(name);
    }

    /// <summary>Runs SQL.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="sql">What.</param>
    /// <returns>The first value of the first row; null if there is none.</returns>
    public static async Task<object?> Execute(string connection, string sql)
    {
        // A pooled connection would keep tests from dropping, stopping, starting; silos pool theirs.
        var own = new NpgsqlConnectionStringBuilder(connection)
        {
            Pooling = false,
            GssEncryptionMode = GssEncryptionMode.Disable
        };
        await using var opened = new NpgsqlConnection(own.ConnectionString);
        await opened.OpenAsync();
        await using var command = new NpgsqlCommand(sql, opened);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Ends the server and deletes its folder.</summary>
    public async Task DisposeAsync()
    {
        await Stop();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    /// <inheritdoc/>
    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    private string ConnectionTo(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = _address,
        Port = _port,
        Database = database,
        Username = Administrator,
        Password = Password,
    }.ConnectionString;

    private async Task<bool> Answers()
    {
        try
        {
            await Execute(Connection, "SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    // Debian keeps the programs of each version in a folder that is not on the PATH.
    private static string Programs(string name)
    {
        const string versions = "/usr/lib/postgresql";
        var debian = Directory.Exists(versions) ? Directory.GetDirectories(versions) : [];
        var newestFirst = debian.OrderByDescending(f =>
            int.TryParse(Path.GetFileName(f), out var version) ? version : 0);
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return newestFirst.Select(f => Path.Combine(f, "bin")).Concat(path).Select(f => Path.Combine(f, name))
            .FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"These tests need PostgreSQL, and its '{name}' is neither in "
                + $"{versions}/*/bin nor on the PATH. On Debian or Ubuntu: apt-get install -y postgresql");
    }
}
