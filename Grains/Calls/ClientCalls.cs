using System.Collections.Frozen;
using System.Reflection;
using Orleans.FL.Grains.Interfaces;
using Orleans.Serialization.Invocation;

namespace Orleans.FL.Grains.Calls;

/// <summary>
/// Lets users' programs, which come in by a gateway, make the calls that are for them, and no others; silos call each
/// other as they like.
/// </summary>
/// <remarks>
/// What is for them is listed, so that a call that is added later, ours or Orleans', is closed until somebody opens it.
/// The sender of a message is what the message says: gateways take no message from a client that says that it is
/// something else.
/// </remarks>
public sealed class ClientCalls : IIncomingGrainCallFilter
{
    // A program in the silo's own process: the dashboard, flctl start --local.
    private const string InSilo = "hosted-";

    // What Orleans' client itself calls: types of the cluster's grains, the end of a call, the next event of a watch.
    private static readonly FrozenSet<string> OfOrleansClient = new[]
    {
        "Orleans.Runtime.IClusterManifestSystemTarget",
        "Orleans.Runtime.ICancellationSourcesExtension",
        typeof(IAsyncEnumerableGrainExtension).FullName!,
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether calls of a sender are those of a user's program outside the silos.</summary>
    /// <param name="sender">The sender; null for none, which is no silo either.</param>
    public static bool IsClient(GrainId? sender) => sender is not { } id
        || (id.Type.IsClient() && !id.Key.AsSpan().StartsWith(System.Text.Encoding.UTF8.GetBytes(InSilo)));

    /// <inheritdoc/>
    public Task Invoke(IIncomingGrainCallContext context) =>
        !IsClient(context.SourceId) || IsForClients(context.Request)
        ? context.Invoke()
        : throw new UnauthorizedAccessException(
            $"{context.InterfaceMethod.DeclaringType?.Name}.{context.MethodName} is a call between silos; "
            + "a client of a gateway may not make it.");

    private static bool IsForClients(IInvokable request)
    {
        var method = request.GetMethod();
        if (method.GetCustomAttribute<ForClientsAttribute>() is not null) return true;
        // Watching begins with a call that carries the call to watch.
        return OfOrleansClient.Contains(method.DeclaringType?.FullName ?? "") && Enumerable
            .Range(0, request.GetArgumentCount()).Select(request.GetArgument).OfType<IInvokable>().All(IsForClients);
    }
}
