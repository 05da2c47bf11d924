namespace Orleans.FL.Silo.Options;

/// <summary>Where the checkpoints of runs are kept.</summary>
public enum CheckpointPlace
{
    /// <summary>In the folder with localhost clustering, in the database else.</summary>
    Auto,

    /// <summary>In the run's folder, which every silo must then share.</summary>
    Folder,

    /// <summary>In the cluster's database.</summary>
    Database,
}
