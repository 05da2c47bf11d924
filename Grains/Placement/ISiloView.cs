namespace Orleans.FL.Grains.Placement;

/// <summary>The silos of the cluster as one of them sees them.</summary>
internal interface ISiloView
{
    /// <summary>Name of this silo.</summary>
    string Here { get; }

    /// <summary>Ends when the silos change next.</summary>
    Task Changed { get; }

    /// <summary>The silos that work, by name.</summary>
    IReadOnlyList<SiloPlace> Silos { get; }

    /// <summary>Address of a silo; null if it does not work now.</summary>
    /// <param name="name">Its name.</param>
    SiloAddress? AddressOf(string name);
}
