using System.Runtime.Intrinsics;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines;
using Orleans.FL.Learning.Training.Engines.Dense;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;
using Orleans.FL.Learning.Training.Engines.Dense.Layers;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Lanes;

/// <summary>Makes parts of networks on the engine that an experiment chooses.</summary>
internal static class ModelParts
{
    /// <summary>A part of a network, on the engine that the settings choose on a processor.</summary>
    /// <param name="part">Which part of which model.</param>
    /// <param name="weights">Weights of the whole model; those of other layers are not looked at.</param>
    /// <param name="settings">How it is trained; moments begin anew.</param>
    public static ModelPart Of(PartOfModel part, ParameterVector weights, TrainingSettings settings)
    {
        if (EngineChoice.Of(part.Model, settings, () => LaneDevice.Cpu, part.Outputs.Task) != EngineChoice.Dense)
            return TorchPart.Of(part, weights, settings);
        if (part.Model.Create().Dense is not null && settings.Optimizer.Create() is Sgd)
            return DensePart.Of(part, weights, settings);
        return Vector512.IsHardwareAccelerated
            ? new LayeredPart<WideLanes>(part, weights, settings)
            : new LayeredPart<NarrowLanes>(part, weights, settings);
    }
}
