using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Silo.Options;
using Orleans.FL.Silo.Security;

namespace Orleans.FL.ClientCli.Clusters;

/// <summary>The clusters that a user has given names: a JSON file in the user's configuration.</summary>
/// <param name="path">The file; it need not exist.</param>
internal sealed class ClusterProfiles(string path)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The profiles of this user.</summary>
    public static ClusterProfiles OfUser => new(Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } config ? config
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config"),
        "orleans-fl", "clusters.json"));

    /// <summary>Where they are.</summary>
    public string File => path;

    /// <summary>The cluster that is meant if none is named; null if there is no such.</summary>
    /// <exception cref="ProfileException">The file cannot be read.</exception>
    public ClusterTarget? Default =>
        Read().Where(p => p.Value.Default).Select(p => Target(p.Key, p.Value)).FirstOrDefault();

    /// <summary>All clusters by name, and whether each is the default.</summary>
    /// <exception cref="ProfileException">The file cannot be read.</exception>
    public IEnumerable<(ClusterTarget Target, bool Default)> All =>
        Read().Select(p => (Target(p.Key, p.Value), p.Value.Default));

    /// <summary>A cluster.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="source">Where the name is from.</param>
    /// <exception cref="ProfileException">There is none of that name, or the file cannot be read.</exception>
    public ClusterTarget Get(string name, string source)
    {
        var profiles = Read();
        return profiles.TryGetValue(name, out var profile)
            ? Target(name, profile)
            : throw Unknown(name, source, profiles.Keys);
    }

    /// <summary>Adds a cluster, or takes the place of one.</summary>
    /// <param name="target">The cluster; its profile's name is its name.</param>
    /// <param name="isDefault">Whether it is meant if none is named; the first one is.</param>
    /// <param name="replace">Whether it may take the place of one of the same name.</param>
    /// <exception cref="ProfileException">There is one of that name, or the file cannot be read or written.</exception>
    public void Add(ClusterTarget target, bool isDefault, bool replace)
    {
        var name = target.Profile!; // a profile has a name
        var profiles = Read();
        var before = profiles.GetValueOrDefault(name);
        if (before is not null && !replace)
            throw new ProfileException(
                $"There is a cluster {name} already; take another name, or --force to replace it.");
        isDefault |= before?.Default ?? profiles.Count == 0;
        if (isDefault)
            foreach (var other in profiles.Keys.ToArray()) profiles[other] = profiles[other] with { Default = false };
        profiles[name] = new([.. target.Gateways], target.ClusterId,
            target.Tls is { } tls ? new(tls.Certificate, tls.Key, tls.Authority) : null, isDefault);
        Write(profiles);
    }

    /// <summary>Forgets a cluster.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ProfileException">There is none of that name, or the file cannot be read or
    /// written.</exception>
    public void Remove(string name)
    {
        var profiles = Read();
        if (!profiles.Remove(name)) throw new ProfileException(Missing(name, "cluster remove", profiles.Keys));
        Write(profiles);
    }

    private ProfileException Unknown(string name, string source, ICollection<string> known) =>
        new(Missing(name, source, known) + " Add it with 'flctl cluster add'.");

    private string Missing(string name, string source, ICollection<string> known) =>
        $"{source}: there is no cluster '{name}' in {path}; "
        + (known.Count == 0 ? "it has none." : $"it has {string.Join(", ", known)}.");

    private ClusterTarget Target(string name, Profile profile)
    {
        if (profile.Gateways is not { Length: > 0 }) throw Broken($"cluster {name} has no gateways");
        foreach (var gateway in profile.Gateways)
            if (ClusterTarget.ValidationError(gateway) is { } error)
                throw Broken($"cluster {name}: {error.TrimEnd('.')}");
        return new(name, profile.Gateways, profile.ClusterId ?? SiloOptions.DefaultCluster,
            profile.Tls is { } tls ? new TlsFiles(Full(tls.Certificate), Full(tls.Key), Full(tls.Authority)) : null);
    }

    // Paths are relative to the file that they are in, so that a folder with all of them can be handed on.
    private string Full(string? file) =>
        string.IsNullOrEmpty(file) ? "" : Path.GetFullPath(file, Path.GetDirectoryName(Path.GetFullPath(path))!);

    private SortedDictionary<string, Profile> Read()
    {
        if (!System.IO.File.Exists(path)) return [];
        try
        {
            return JsonSerializer.Deserialize<SortedDictionary<string, Profile>>(
                UserFile.Read(path, UserFile.LargestSettings, m => Broken(m.TrimEnd('.'))), Json) ?? [];
        }
        catch (JsonException e)
        {
            throw Broken(e.Message.TrimEnd('.'));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Broken(e.Message.TrimEnd('.'));
        }
    }

    private void Write(SortedDictionary<string, Profile> profiles)
    {
        try
        {
            OwnFile.MakeFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var next = path + ".new";
            OwnFile.Write(next, JsonSerializer.SerializeToUtf8Bytes(profiles, Json));
            System.IO.File.Move(next, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProfileException($"{path} cannot be written: {e.Message}");
        }
    }

    private ProfileException Broken(string why) =>
        new($"{path} cannot be used: {why}. Correct it, or remove it and begin anew.");

    private sealed record Profile(string[]? Gateways, string? ClusterId, Certificates? Tls, bool Default);

    private sealed record Certificates(string? Certificate, string? Key, string? Authority);
}

/// <summary>What says where a silo is, is wrong; the message is a sentence for the user.</summary>
/// <param name="message">The sentence.</param>
internal sealed class ProfileException(string message) : Exception(message);
