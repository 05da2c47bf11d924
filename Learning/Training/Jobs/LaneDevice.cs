using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Training.TorchLoading;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Jobs;

/// <summary>What a lane computes on.</summary>
/// <remarks>
/// On a GPU the weights of a <c>ModelInstance</c> have a twin there: forward and backward pass run on the GPU, the
/// gradient comes back, the step is taken by the same code as on a CPU, and the new weights go over again. The
/// same bits on any number of lanes and silos are promised for CPUs of one kind; GPU kernels may add in another
/// order each time.
/// </remarks>
/// <param name="Name"><c>cpu</c> or <c>cuda:N</c>.</param>
/// <param name="Mirrored">Whether the network's memory is apart from the memory that C# sees; always so on a
/// GPU.</param>
public sealed partial record LaneDevice(string Name, bool Mirrored)
{
    /// <summary>The processor.</summary>
    public static LaneDevice Cpu { get; } = new("cpu", false);

    /// <summary>
    /// The devices of some lanes: those named, or the GPUs that are there, dealt to the lanes in turn.
    /// </summary>
    /// <param name="choice"><c>auto</c> (GPUs if there are any, else the processor), <c>cpu</c>, <c>cuda</c> (all GPUs)
    /// or <c>cuda:N</c>.</param>
    /// <param name="lanes">Number of lanes.</param>
    /// <exception cref="ExperimentException">There is no such device; says what there is.</exception>
    public static IReadOnlyList<LaneDevice> Of(string choice, int lanes)
    {
        if (Refusal(choice) is { } refusal) throw new ExperimentException(refusal);
        if (choice == "cpu" || (choice == "auto" && !TorchRuntime.IsBuiltForGpus))
            return [.. Enumerable.Repeat(Cpu, lanes)];
        TorchRuntime.EnsureLoaded();
        var gpus = Gpus();
        if (gpus == 0 && choice == "auto") return [.. Enumerable.Repeat(Cpu, lanes)];
        if (gpus == 0)
            throw new ExperimentException(
                $"The device '{choice}' is asked for, but libtorch sees no GPU; use cpu, or build with -p:Torch=cuda.");
        if (choice is "auto" or "cuda")
            return [.. Enumerable.Range(0, lanes).Select(i => new LaneDevice($"cuda:{i % gpus}", true))];
        var index = int.Parse(choice.AsSpan("cuda:".Length));
        return index < gpus
            ? [.. Enumerable.Repeat(new LaneDevice(choice, true), lanes)]
            : throw new ExperimentException(
                $"The device '{choice}' is asked for, but there are {gpus} GPUs: cuda:0 to cuda:{gpus - 1}.");
    }

    /// <summary>Why a text names no device; null if it does.</summary>
    /// <param name="choice">The text.</param>
    public static string? Refusal(string choice) => Choices().IsMatch(choice)
        ? null
        : $"'{choice}' is no device: use auto, cpu, cuda, or cuda:N with the number of a GPU.";

    [MethodImpl(MethodImplOptions.NoInlining)] // nothing may touch torch before it is loaded
    private static int Gpus() => cuda.is_available() ? cuda.device_count() : 0;

    [GeneratedRegex(@"\A(auto|cpu|cuda|cuda:[0-9]{1,3})\z")]
    private static partial Regex Choices();
}
