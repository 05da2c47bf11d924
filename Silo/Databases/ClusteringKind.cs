namespace Orleans.FL.Silo.Databases;

/// <summary>What silos find each other by, and what keeps the state of their grains.</summary>
public enum ClusteringKind
{
    /// <summary>
    /// One machine: the first silo keeps the list of silos, a file beside the runs the state of grains.
    /// </summary>
    Localhost,

    /// <summary>Many machines and a PostgreSQL database.</summary>
    Postgres,

    /// <summary>Many machines and a Redis server.</summary>
    Redis,
}
