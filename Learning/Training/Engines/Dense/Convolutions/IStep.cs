namespace Orleans.FL.Learning.Training.Engines.Dense.Convolutions;

/// <summary>
/// Floats between the windows of two neighbouring pixels, as a type: where the compiler knows them, it writes them into
/// the addresses of a tile, which has no register left for them.
/// </summary>
internal interface IStep
{
    /// <summary>Whether <see cref="Floats"/> counts; else the number is one of run time.</summary>
    static abstract bool Known { get; }

    /// <summary>The floats.</summary>
    static abstract nint Floats { get; }
}

/// <summary>A step that is known at run time only: right for any, slower.</summary>
internal readonly struct AnyStep : IStep
{
    /// <inheritdoc/>
    public static bool Known => false;

    /// <inheritdoc/>
    public static nint Floats => 0;
}

/// <summary>A single channel.</summary>
internal readonly struct Step1 : IStep
{
    /// <inheritdoc/>
    public static bool Known => true;

    /// <inheritdoc/>
    public static nint Floats => 1;
}

/// <summary>Three channels.</summary>
internal readonly struct Step3 : IStep
{
    /// <inheritdoc/>
    public static bool Known => true;

    /// <inheritdoc/>
    public static nint Floats => 3;
}

/// <summary>A multiple of 16 channels.</summary>
/// <typeparam name="TFactor">The multiple.</typeparam>
internal readonly struct Steps16<TFactor> : IStep where TFactor : struct, IStep
{
    /// <inheritdoc/>
    public static bool Known => true;

    /// <inheritdoc/>
    public static nint Floats => 16 * TFactor.Floats;
}

/// <summary>Twice a step.</summary>
/// <typeparam name="TStep">The step.</typeparam>
internal readonly struct Twice<TStep> : IStep where TStep : struct, IStep
{
    /// <inheritdoc/>
    public static bool Known => true;

    /// <inheritdoc/>
    public static nint Floats => 2 * TStep.Floats;
}
