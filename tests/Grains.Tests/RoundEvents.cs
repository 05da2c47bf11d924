using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL;

/// <summary>What tests of classification ask of rounds.</summary>
internal static class RoundEvents
{
    extension(RoundEvent round)
    {
        /// <summary>Mean accuracy on the global test set; null if not tested.</summary>
        public double? TestAccuracy => round.Metrics["testAccuracy"];
    }
}
