namespace Orleans.FL.Silo.Options;

/// <summary>Where a silo runs.</summary>
public enum SiloProcess
{
    /// <summary>In a process of its own: logs to stdout, obeys signals.</summary>
    OwnProcess,

    /// <summary>Inside another program, which owns the terminal and the signals.</summary>
    Embedded,
}
