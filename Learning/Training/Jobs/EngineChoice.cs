using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Training.Jobs;

/// <summary>Which engine does the jobs of an experiment.</summary>
public static class EngineChoice
{
    /// <summary>On the processor the dense engine where it can do the job, else libtorch.</summary>
    public const string Auto = "auto";

    /// <summary>Kernels of our own, on the processor, for models that list their layers.</summary>
    public const string Dense = "dense";

    /// <summary>libtorch: every model and optimiser, on any device.</summary>
    public const string Torch = "torch";

    /// <summary>
    /// libtorch for several nodes at once: linear layers and convolutions in float32, any optimiser. Only where it is
    /// named: see decision 27.
    /// </summary>
    public const string Batched = "batched";

    /// <summary>Why the dense engine cannot do a job, with the remedy; null if it can.</summary>
    /// <param name="model">The network.</param>
    /// <param name="settings">How it is trained.</param>
    public static string? Refusal(Component<Model> model, TrainingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        if (Refusal(model) is { } refusal) return refusal;
        return IsPlain(settings)
            ? null
            : "The dense engine computes in float32, in an order of its own; "
                + "leave precision and memoryFormat out, or use the engine auto or torch.";
    }

    /// <summary>Why the dense engine cannot test a model, with the remedy; null if it can.</summary>
    /// <param name="model">The network.</param>
    internal static string? Refusal(Component<Model> model) => SharedModels.Of(model).Architecture is not null
        ? null
        : $"The dense engine needs a model that lists its layers, which {model.Name} does not; "
          + "use the engine auto or torch.";

    /// <summary>Why the batched engine cannot do a job, with the remedy; null if it can.</summary>
    /// <param name="model">The network.</param>
    /// <param name="settings">How it is trained.</param>
    public static string? BatchedRefusal(Component<Model> model, TrainingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        if (SharedModels.Of(model).Stack is null)
            return "The batched engine does convolutions and linear layers with ReLU only (cnn, mlp, "
                + $"logistic-regression), not the model {model.Name}; use the engine auto or torch.";
        return IsPlain(settings)
            ? null
            : "The batched engine computes in float32, in an order of its own; "
                + "leave precision and memoryFormat out, or use the engine auto or torch.";
    }

    /// <summary>
    /// Why the engine that an experiment names cannot do a job, with the remedy; null if it can, or none is named.
    /// </summary>
    /// <param name="model">The network.</param>
    /// <param name="settings">How it is trained.</param>
    /// <param name="task">What it learns.</param>
    internal static string? RefusalOfNamed(Component<Model> model, TrainingSettings settings, LearningTask task) =>
        settings.Engine switch
        {
            Dense when !task.ScoresRows =>
                "The dense engine does not know the loss of this task; use the engine auto or torch.",
            Dense => Refusal(model, settings),
            Batched => BatchedRefusal(model, settings),
            _ => null,
        };

    /// <summary>
    /// The engine that does a job: <see cref="Dense"/>, <see cref="Torch"/> or <see cref="Batched"/>.
    /// </summary>
    /// <param name="model">The network.</param>
    /// <param name="settings">How it is trained.</param>
    /// <param name="device">The lane's device; asked for only where the settings leave the choice.</param>
    /// <param name="task">What it learns; null for a task that any engine knows.</param>
    internal static string Of(
        Component<Model> model, TrainingSettings settings, Func<LaneDevice> device, LearningTask? task = null)
    {
        if (settings.Engine != Auto) return settings.Engine;
        return task is not { ScoresRows: false } && device() == LaneDevice.Cpu && Refusal(model, settings) is null
            ? Dense
            : Torch;
    }

    /// <summary>Jobs that a lane may do side by side for a run.</summary>
    /// <param name="model">The network.</param>
    /// <param name="settings">How it is trained.</param>
    /// <param name="device">The lane's device.</param>
    internal static int JobsAtOnce(Component<Model> model, TrainingSettings settings, Func<LaneDevice> device) =>
        Of(model, settings, device) == Batched ? settings.NodesAtOnce : 1;

    /// <summary>Whether a job is computed in float32, in memory in the order of the layers.</summary>
    /// <param name="settings">How it is trained.</param>
    internal static bool IsPlain(TrainingSettings settings) =>
        settings is { Precision: TensorFormat.Full, MemoryFormat: TensorFormat.Contiguous };
}
