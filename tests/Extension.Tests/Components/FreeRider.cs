using Orleans.FL.Learning.Attacks;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Extension.Tests.Components;

/// <summary>A free rider: sends the model that it received, as if its training had changed nothing.</summary>
[Component("own-free-rider", Summary = "Sends what the round began with, as if training had changed nothing.")]
public sealed class FreeRider : Attack
{
    /// <inheritdoc/>
    public override Update Send(Update honest, UpdateContext context) => honest with { Weights = context.Start };
}
