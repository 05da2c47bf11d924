namespace Orleans.FL.Silo.Clustering;

/// <summary>What silos find each other by, and what keeps the state of their grains.</summary>
public enum ClusteringKind
{
    /// <summary>One machine: the first silo keeps the list of silos, a file beside the runs the state of grains.</summary>
    Localhost,

    /// <summary>Many machines and a PostgreSQL database.</summary>
    Postgres,

    /// <summary>Many machines and a Redis server.</summary>
    Redis,
}

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
