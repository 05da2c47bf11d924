using System.Reflection;
using System.Reflection.Emit;
using Orleans.FL.Learning.Training.Engines.Torch;
using TorchSharp;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

/// <summary>
/// No number is handed to libtorch in a <see cref="Scalar"/> that nothing else refers to: TorchSharp does not keep
/// it alive through the call, so the collector may free it while native code reads it, and a step computes with what
/// lies there then.
/// </summary>
public sealed class ScalarTests
{
    private static readonly Dictionary<MethodBase, bool> Known = [];

    [Fact]
    public void No_method_hands_libtorch_a_number_that_may_be_freed_meanwhile()
    {
        var found = Methods(typeof(LocalTrainer).Assembly)
            .SelectMany(m =>
                Callees(m).Where(IsHazard).Select(c => $"{m.DeclaringType}.{m.Name} calls {c.DeclaringType?.Name}.{c}"))
            .Order(StringComparer.Ordinal).ToList();

        Assert.True(found.Count == 0, string.Join("\n", found));
    }

    /// <summary>Layers are called by a virtual method, which the search above does not follow.</summary>
    /// <remarks>BatchNorm's counts batches so; ReachableTensorsTests checks that ours count none.</remarks>
    [Fact]
    public void No_layer_hands_libtorch_such_a_number_but_BatchNorm()
    {
        var layers = Methods(typeof(LocalTrainer).Assembly).SelectMany(Callees).OfType<MethodInfo>()
            .Select(m => m.ReturnType)
            .Where(t => t.Module == typeof(torch).Module && typeof(torch.nn.Module).IsAssignableFrom(t)
                && !t.IsAbstract).Distinct().ToList();

        var found = layers.Where(t => t.GetMethods().Any(m => m.Name == "forward" && IsHazard(m))).Select(t => t.Name);

        Assert.Contains(typeof(TorchSharp.Modules.Conv2d), layers);
        Assert.Equal([nameof(TorchSharp.Modules.BatchNorm2d)], found);
    }

    [Fact]
    public void The_search_finds_one() =>
        Assert.Contains(Callees(((Func<torch.Tensor, torch.Tensor>)Hazard).Method), IsHazard);

    private static torch.Tensor Hazard(torch.Tensor x) => x.add_(x);

    /// <summary>
    /// Whether a method makes a scalar of a number, itself or where it passes its arguments on within TorchSharp.
    /// </summary>
    private static bool IsHazard(MethodBase method)
    {
        if (method.DeclaringType == typeof(Scalar)) return method.Name == "op_Implicit";
        if (method.Module != typeof(torch).Module) return false;
        if (Known.TryGetValue(method, out var known)) return known;
        Known[method] = false; // until it is known, for methods that call each other
        return Known[method] = Callees(method).Any(IsHazard);
    }

    private static IEnumerable<MethodBase> Methods(Assembly assembly) =>
        assembly.GetTypes().SelectMany(t => t.GetMembers(BindingFlags.Public | BindingFlags.NonPublic
            | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)).OfType<MethodBase>();

    private static IEnumerable<MethodBase> Callees(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code) yield break;
        for (var i = 0; i + 5 <= code.Length; i++)
        {
            if (code[i] != OpCodes.Call.Value && code[i] != OpCodes.Callvirt.Value && code[i] != OpCodes.Newobj.Value)
                continue;
            if (Resolve(method, BitConverter.ToInt32(code, i + 1)) is { } callee) yield return callee;
        }
    }

    /// <summary>What a call's token means; null where the bytes only looked like a call.</summary>
    private static MethodBase? Resolve(MethodBase within, int token)
    {
        try
        {
            return within.Module.ResolveMethod(token, within.DeclaringType?.GetGenericArguments(),
                within.IsGenericMethod ? within.GetGenericArguments() : null);
        }
        catch (Exception e)
            when (e is ArgumentException or BadImageFormatException or FileNotFoundException or TypeLoadException)
        {
            return null;
        }
    }
}
