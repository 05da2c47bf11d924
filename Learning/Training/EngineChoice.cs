using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;

namespace Orleans.FL.Learning.Training;

/// <summary>Which engine does the jobs of an experiment.</summary>
public static class EngineChoice
{
    /// <summary>The dense engine where it can do the job and the lane's device is the processor, else libtorch.</summary>
    public const string Auto = "auto";

    /// <summary>Kernels of our own for linear layers, ReLU and SGD, on the processor.</summary>
    public const string Dense = "dense";

    /// <summary>libtorch: every model and optimiser, on any device.</summary>
    public const string Torch = "torch";

    /// <summary>Why the dense engine cannot do a job, with the remedy; null if it can.</summary>
    /// <param name="model">The network.</param>
    /// <param name="settings">How it is trained.</param>
    public static string? Refusal(Component<Model> model, TrainingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        if (Refusal(model) is { } refusal) return refusal;
        if (settings.Optimizer.Create() is not Sgd)
            return $"The dense engine knows the optimizer sgd only, not {settings.Optimizer.Name}; use the engine auto or torch.";
        return settings is { Precision: TensorFormat.Full, MemoryFormat: TensorFormat.Contiguous }
            ? null
            : "The dense engine computes in float32, in an order of its own; leave precision and memoryFormat out, or use the engine auto or torch.";
    }

    /// <summary>Why the dense engine cannot test a model, with the remedy; null if it can.</summary>
    /// <param name="model">The network.</param>
    internal static string? Refusal(Component<Model> model) => model.Create().Dense is not null
        ? null
        : "The dense engine does linear layers only (mlp, logistic-regression), "
          + $"not the model {model.Name}; use the engine auto or torch.";

    /// <summary>Whether the dense engine does a job.</summary>
    /// <param name="model">The network.</param>
    /// <param name="settings">How it is trained.</param>
    /// <param name="device">The lane's device.</param>
    internal static bool IsDense(Component<Model> model, TrainingSettings settings, Func<LaneDevice> device) => settings.Engine switch
    {
        Torch => false,
        Dense => true,
        _ => Refusal(model, settings) is null && device() == LaneDevice.Cpu,
    };
}
