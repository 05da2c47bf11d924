using Microsoft.Extensions.Options;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.TorchLoading;
using SiloOptions = Orleans.FL.Silo.Options.SiloOptions;

namespace Orleans.FL.Silo.Hosting;

/// <summary>
/// Looks whether the GPU that a silo is to compute on is there, before runs wait for the silo in vain.
/// </summary>
internal static class SiloDevice
{
    /// <summary>Refuses a device that is named and not there; loads libtorch for that.</summary>
    /// <param name="options">Valid options.</param>
    /// <exception cref="OptionsValidationException">There is no such device.</exception>
    public static void Check(SiloOptions options)
    {
        if (options.Device is "auto" or "cpu") return; // always there
        try
        {
            LaneDevice.Of(options.Device, lanes: 1);
        }
        catch (Exception e) when (e is ExperimentException or TorchUnavailableException)
        {
            throw new OptionsValidationException("", typeof(SiloOptions), [$"--device: {e.Message}"]);
        }
    }
}
