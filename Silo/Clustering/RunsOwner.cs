using System.Net;
using System.Text;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Silo.Databases;
using Orleans.FL.Silo.Options;

namespace Orleans.FL.Silo.Clustering;

/// <summary>
/// Sees to it that one cluster of this machine works in a folder of runs: two would write each other's registry over.
/// </summary>
/// <remarks>
/// The silo that begins the cluster holds <c>.orleans-fl.lock</c> while it lives; the system lets go of it when the
/// process dies. Who it is stands in <c>.orleans-fl.primary</c>, since nobody can read a file that is held.
/// </remarks>
internal sealed class RunsOwner : IDisposable
{
    /// <summary>File that is held.</summary>
    public const string LockFile = ".orleans-fl.lock";

    /// <summary>File that says who holds it.</summary>
    public const string PrimaryFile = ".orleans-fl.primary";

    private const int LongestLine = 256;

    private readonly FileStream _held;

    private RunsOwner(FileStream held) => _held = held;

    /// <summary>Takes the folder for the cluster that a silo begins, or looks whether it is that of the cluster that
    /// the silo joins.</summary>
    /// <param name="options">Valid options of a silo with localhost clustering.</param>
    /// <returns>Holds the folder until it is disposed of; null if the silo joins.</returns>
    /// <exception cref="ClusterDatabaseException">The folder is another cluster's, or cannot be written to.</exception>
    public static RunsOwner? Take(SiloOptions options)
    {
        var folder = Path.GetFullPath(options.Runs);
        try
        {
            OwnFile.MakeFolder(folder);
            if (options.PrimaryEndpoint() is { } primary)
            {
                Join(folder, primary, options);
                return null;
            }
            if (Hold(folder) is not { } held) throw Taken(folder);
            var owner = new RunsOwner(held);
            File.WriteAllText(Path.Combine(folder, PrimaryFile),
                $"{new IPEndPoint(options.AdvertisedAddress, options.SiloPort)} {options.EffectiveName}\n");
            return owner;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterDatabaseException($"--runs: {folder} cannot be written to ({e.Message.TrimEnd('.')}); "
                + "give a folder that this user may write.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();

    private static void Join(string folder, IPEndPoint primary, SiloOptions options)
    {
        if (Hold(folder) is { } nobody) // nobody's: the silo to join has its runs elsewhere
        {
            nobody.Dispose();
            throw new ClusterDatabaseException($"--runs: the silo at {primary} does not keep its runs in {folder}; "
                + "silos of one machine share the folder: give its --runs.");
        }
        if (Read(folder) is { } owner && !owner.Endpoint.Equals(primary))
            throw new ClusterDatabaseException($"--runs: {folder} is the folder of the silo "
                + $"'{owner.Name}' at {owner.Endpoint}, and not of the one at {primary}; give --primary "
                + $"{owner.Endpoint}, or the --runs of {options.Primary}.");
    }

    private static ClusterDatabaseException Taken(string folder) => new(Read(folder) is { } owner
        ? $"--runs: {folder} is in use by the silo '{owner.Name}' at {owner.Endpoint}; join it with --primary "
            + $"{owner.Endpoint}, or give another folder."
        : $"--runs: {folder} is in use by another silo; join it with --primary, or give another folder.");

    private static FileStream? Hold(string folder)
    {
        var file = Path.Combine(folder, LockFile);
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(file))
        {
            return null;
        }
    }

    private static (IPEndPoint Endpoint, string Name)? Read(string folder)
    {
        var file = Path.Combine(folder, PrimaryFile);
        if (!File.Exists(file)) return null;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[LongestLine];
        var line = Encoding.UTF8.GetString(bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, false)))
            .Split('\n', 2)[0];
        return line.Split(' ', 2) is [var endpoint, var name] && IPEndPoint.TryParse(endpoint, out var at)
            ? (at, name)
            : null;
    }
}
