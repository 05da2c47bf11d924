namespace Orleans.FL.Grains;

/// <summary>What a silo brings to the federation.</summary>
public sealed class FederationOptions
{
    /// <summary>Training lanes: nodes that train at the same time; 0 means one a core.</summary>
    public int Lanes { get; set; }

    /// <summary>
    /// What lanes compute on: <c>auto</c> (GPUs if there are any), <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.
    /// </summary>
    public string Device { get; set; } = "auto";

    /// <summary>Folder in which each run gets a folder of its own.</summary>
    public string RunsFolder { get; set; } = "runs";

    /// <summary>Name of the silo, unique in its cluster.</summary>
    public string SiloName { get; set; } = Environment.MachineName;

    /// <summary>
    /// Seconds that a silo waits for the rounds under way when it is asked to stop, so that its nodes move without
    /// loss; 0 for none.
    /// </summary>
    public double HandOverSeconds { get; set; } = 30;

    /// <summary>What the owner says of the silo, such as <c>zone=a</c>; experiments may pin nodes by it.</summary>
    public IReadOnlyList<string> Labels { get; set; } = [];

    /// <summary>
    /// Chunks of 256 KiB that the silo has asked others for and not yet got, 1 to 64; fewer keep other calls quick on
    /// a slow link.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not 1 to 64.</exception>
    public int TransferWindow
    {
        get;
        set => field = value is >= 1 and <= 64 ? value
            : throw new ArgumentOutOfRangeException(nameof(value),
                $"A transfer window of {value} chunks was asked for; ask for 1 to 64.");
    } = 4;

    /// <summary>
    /// Bytes of weights and other vectors of nodes that stay in memory, the rest goes to <see cref="RunsFolder"/>'s
    /// disk; 0 means half of the memory.
    /// </summary>
    public long StateMemoryBytes { get; set; }

    /// <summary>The budget of memory, the default considered.</summary>
    public long EffectiveStateMemoryBytes =>
        StateMemoryBytes > 0 ? StateMemoryBytes : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>The number of lanes, the default considered.</summary>
    public int EffectiveLanes => Lanes > 0 ? Lanes : Environment.ProcessorCount;
}
