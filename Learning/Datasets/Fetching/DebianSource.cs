using System.Globalization;

namespace Orleans.FL.Learning.Datasets.Fetching;

/// <summary>Takes the files out of a Debian package, without installing it and without root.</summary>
/// <remarks>
/// apt checks the package against the signed lists of the system's own mirrors. Where the system keeps no lists (fresh
/// containers), they are fetched into a folder of this source's own.
/// </remarks>
public sealed class DebianSource : DatasetSource
{
    private static readonly string[] Quiet = ["-q", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::Retries=1"];

    /// <inheritdoc/>
    public override string Name => "Debian's package";

    /// <inheritdoc/>
    public override bool Has(DatasetOrigin origin) => origin.Package is not null;

    /// <inheritdoc/>
    public override async Task FetchAsync(DatasetOrigin origin, string folder, string scratch,
        IProgress<FetchProgress> progress, CancellationToken cancellationToken = default)
    {
        var package = origin.Package ?? throw new ArgumentException($"{origin.Name} is in no Debian package.");
        var archive = await DownloadAsync(package, scratch, progress, cancellationToken);
        progress.Report(new FetchProgress($"Unpacking {package.Name}", 0, null));
        var content = Path.Combine(scratch, "content");
        await new ExternalTool("dpkg-deb", scratch).RunAsync(["-x", archive, content], null, cancellationToken);
        foreach (var name in origin.Files)
        {
            var file = DataFile.Find(Path.Combine(content, package.Folder), name)
                ?? throw new DatasetFetchException($"{Path.GetFileName(archive)} holds no {package.Folder}/{name}");
            File.Move(file, Path.Combine(folder, Path.GetFileName(file)));
        }
    }

    private static async Task<string> DownloadAsync(DebianPackage package, string scratch,
        IProgress<FetchProgress> progress, CancellationToken cancellationToken)
    {
        var apt = new ExternalTool("apt-get", scratch);
        string[] options = Quiet;
        var size = await SizeAsync(apt, options, package, cancellationToken);
        if (size is null)
        {
            options = [.. Quiet, .. PrivateLists(scratch)];
            progress.Report(new FetchProgress("Fetching Debian's package lists", 0, null));
            await apt.RunAsync([.. options, "update"], null, cancellationToken);
            size = await SizeAsync(apt, options, package, cancellationToken)
                ?? throw new DatasetFetchException($"the system's mirrors have no package {package.Name}");
        }
        var step = $"Downloading {package.Name}";
        progress.Report(new FetchProgress(step, 0, size));
        await apt.RunAsync([.. options, "-o", "APT::Status-Fd=1", "download", package.Name], line =>
        {
            if (Share(line) is { } share) progress.Report(new FetchProgress(step, (long)(share * size.Value), size));
        }, cancellationToken);
        return Directory.EnumerateFiles(scratch, "*.deb").FirstOrDefault()
            ?? throw new DatasetFetchException($"apt-get download left no {package.Name}");
    }

    /// <summary>Bytes of a package; null if the lists do not have it.</summary>
    private static async Task<long?> SizeAsync(
        ExternalTool apt, string[] options, DebianPackage package, CancellationToken cancellationToken)
    {
        long? size = null;
        try
        {
            // 'address' name size checksum
            await apt.RunAsync([.. options, "--print-uris", "download", package.Name], line =>
            {
                var fields = line.Split(' ');
                if (fields.Length >= 3 && long.TryParse(fields[2], CultureInfo.InvariantCulture, out var bytes))
                    size = bytes;
            }, cancellationToken);
        }
        catch (ToolFailedException)
        {
            return null;
        }
        return size;
    }

    private static string[] PrivateLists(string scratch)
    {
        var state = Path.Combine(scratch, "state");
        var cache = Path.Combine(scratch, "cache");
        Directory.CreateDirectory(Path.Combine(state, "lists", "partial"));
        Directory.CreateDirectory(Path.Combine(cache, "archives", "partial"));
        // The user _apt, whom apt becomes when root runs it, may not enter a home folder: stay who we are.
        string[] settings =
        [
            $"Dir::State={state}", $"Dir::State::lists={Path.Combine(state, "lists")}", $"Dir::Cache={cache}",
            "APT::Sandbox::User=root",
        ];
        return [.. settings.SelectMany(setting => new[] { "-o", setting })];
    }

    /// <summary>What is done so far, 0 to 1, by a line of apt's status: <c>dlstatus:item:percent:text</c>.</summary>
    private static double? Share(string line) =>
        line.Split(':') is ["dlstatus", _, var percent, ..]
            && double.TryParse(percent, CultureInfo.InvariantCulture, out var p)
            ? Math.Clamp(p / 100, 0, 1)
            : null;
}
