using System.Security.Cryptography;

namespace Orleans.FL.Learning.Datasets.Fetching;

/// <summary>Downloads files from their official address and compares their checksums.</summary>
/// <param name="http">Sends the requests; must fail on its own when no connection comes about.</param>
/// <param name="stall">How long a transfer may be silent before it counts as failed.</param>
public sealed class OfficialSource(HttpClient http, TimeSpan stall) : DatasetSource
{
    /// <inheritdoc/>
    public override string Name => "the official address";

    /// <summary>A source that gives up on a connection after five seconds and on a silent one after twenty.</summary>
    public static OfficialSource Create() => new(
        new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            Timeout = Timeout.InfiniteTimeSpan, // the stall limit does its work
        },
        TimeSpan.FromSeconds(20));

    /// <inheritdoc/>
    public override bool Has(DatasetOrigin origin) => origin.Downloads.Count > 0;

    /// <inheritdoc/>
    public override async Task FetchAsync(DatasetOrigin origin, string folder, string scratch,
        IProgress<FetchProgress> progress, CancellationToken cancellationToken = default)
    {
        foreach (var file in origin.Downloads)
        {
            try
            {
                await DownloadAsync(file, Path.Combine(folder, file.Name), progress, cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException
                && !cancellationToken.IsCancellationRequested)
            {
                var reason = e is OperationCanceledException ? "no answer in time" : e.Message;
                throw new DatasetFetchException($"{file.Address}: {reason}");
            }
        }
    }

    private async Task DownloadAsync(RemoteFile file, string path,
        IProgress<FetchProgress> progress, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(stall);
        using var response = await http.GetAsync(
            file.Address, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        response.EnsureSuccessStatusCode();
        await using var content = await response.Content.ReadAsStreamAsync(deadline.Token);
        await using var target = new FileStream(path, FileMode.CreateNew);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        long done = 0;
        while (true)
        {
            deadline.CancelAfter(stall);
            progress.Report(new FetchProgress($"Downloading {file.Name}", done, file.Length));
            var count = await content.ReadAsync(buffer, deadline.Token);
            if (count == 0) break;
            done += count;
            if (done > file.Length) throw Differs(file, $"more than the {file.Length} bytes it should have");
            hash.AppendData(buffer, 0, count);
            await target.WriteAsync(buffer.AsMemory(0, count), deadline.Token);
        }
        var sum = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (sum != file.Sha256) throw Differs(file, $"SHA-256 {sum} ({done} bytes) instead of {file.Sha256}");
    }

    private static DatasetFetchException Differs(RemoteFile file, string found) => new($"{file.Address} sent {found}");
}
