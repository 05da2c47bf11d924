using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Orleans.FL.Testing.Servers;

/// <summary>A Redis server of its own: on loopback by default, on a free port, in a folder that goes with it.</summary>
/// <remarks>A class fixture of xunit, or made by <see cref="Create"/>; stop and start it to play an outage.</remarks>
public sealed class RedisServer : IAsyncLifetime, IAsyncDisposable
{
    /// <summary>The password of its only user.</summary>
    public const string Password = "not-to-be-seen";

    private const int Databases = 200;

    private readonly int _port = ServerProcess.FreePort();
    private readonly bool _appendOnly;
    private readonly string _address;
    private string? _folder;
    private ServerProcess? _server;
    private int _databases; // given away; number 0 is for tests that need no empty one

    /// <summary>A server that keeps what it is given.</summary>
    public RedisServer()
        : this(appendOnly: true, ServerProcess.Loopback)
    {
    }

    private RedisServer(bool appendOnly, string address) => (_appendOnly, _address) = (appendOnly, address);

    /// <summary>Starts one.</summary>
    /// <param name="appendOnly">Whether it keeps what it is given when it is stopped.</param>
    /// <param name="address">What it listens on; all that can reach it may call it.</param>
    public static async Task<RedisServer> Create(bool appendOnly = true, string address = ServerProcess.Loopback)
    {
        var server = new RedisServer(appendOnly, address);
        await server.InitializeAsync();
        return server;
    }

    /// <summary>Configuration string with the password, of database 0.</summary>
    public string Connection => $"{_address}:{_port},password={Password}";

    /// <summary>Configuration string of an empty database: one test's dead silos are not another's.</summary>
    public string Database()
    {
        var number = Interlocked.Increment(ref _databases);
        return number < Databases ? $"{Connection},defaultDatabase={number}"
            : throw new InvalidOperationException($"The server has {Databases} databases, and all were given away.");
    }

    /// <summary>Starts the server.</summary>
    /// <exception cref="InvalidOperationException">Redis is not installed; says how to get it.</exception>
    public Task InitializeAsync() => Start();

    /// <summary>Ends the server; its clients lose their connections.</summary>
    public async Task Stop()
    {
        if (_server is null) return;
        await _server.DisposeAsync();
        _server = null;
    }

    /// <summary>Starts it, on the same port and with what it kept.</summary>
    public async Task Start()
    {
        var program = Program();
        _folder ??= Directory.CreateTempSubdirectory("orleans-fl-redis-").FullName;
        _server = new ServerProcess(null, "TERM", program, "--port", $"{_port}", "--bind", _address, "--dir", _folder,
            "--requirepass", Password, "--appendonly", _appendOnly ? "yes" : "no", "--save", "", "--databases",
            $"{Databases}");
        await _server.Ready(Answers);
    }

    /// <summary>Ends the server and deletes its folder.</summary>
    public async Task DisposeAsync()
    {
        await Stop();
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
    }

    /// <inheritdoc/>
    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    // A server that still reads its file answers LOADING, one that is ready +PONG.
    private async Task<bool> Answers()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(_address, _port);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {Password}\r\nPING\r\n"));
            using var reader = new StreamReader(stream);
            return await reader.ReadLineAsync() == "+OK" && await reader.ReadLineAsync() == "+PONG";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    private static string Program() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(f => Path.Combine(f, "redis-server")).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("These tests need Redis, and 'redis-server' is not on the PATH. "
                + "On Debian or Ubuntu: apt-get install -y redis-server");
}
