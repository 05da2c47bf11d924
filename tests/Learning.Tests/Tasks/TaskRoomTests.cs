using System.Reflection;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Xunit;

namespace Orleans.FL.Learning.Tests.Tasks;

public class TaskRoomTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static
        | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly string[] Rooms = ["Tasks", "Datasets", "Models"];
    private static readonly Type[] OfImages = [typeof(ImageSet), typeof(PixelScale)];
    private static readonly Type[] OfClasses = [typeof(Learning.Tasks.ClassLabels),
        typeof(Learning.Tasks.Classification)];

    [Fact]
    public void Nothing_outside_tasks_datasets_and_models_knows_images_or_classes()
    {
        var outside = typeof(Experiment).Assembly.GetTypes().Where(t => !Rooms.Any(room => In(t, room)));

        Assert.Empty(outside.SelectMany(t =>
            Mentioned(t).Intersect([.. OfImages, .. OfClasses]).Select(m => $"{t} mentions {m.Name}")));
    }

    // The test would pass if it saw nothing.
    [Fact]
    public void A_type_that_mentions_images_is_detected() =>
        Assert.Contains(typeof(ImageSet), Mentioned(typeof(Digits)));

    private static bool In(Type type, string room) =>
        (type.Namespace ?? "").StartsWith($"Orleans.FL.Learning.{room}", StringComparison.Ordinal);

    /// <summary>Types that a type is, has, takes, gives or works with.</summary>
    private static IEnumerable<Type> Mentioned(Type type)
    {
        var methods = type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)).ToList();
        return new[] { type.BaseType }.Concat(type.GetInterfaces())
            .Concat(type.GetFields(All).Select(f => f.FieldType))
            .Concat(type.GetProperties(All).Select(p => p.PropertyType))
            .Concat(methods.SelectMany(m => m.GetParameters().Select(p => p.ParameterType)))
            .Concat(methods.OfType<MethodInfo>().Select(m => m.ReturnType))
            .Concat(methods.SelectMany(Used)).SelectMany(Parts).Distinct();
    }

    private static IEnumerable<Type> Parts(Type? type) => type is null ? []
        : type.HasElementType ? Parts(type.GetElementType())
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Prepend(type) : [type];

    /// <summary>Types of a method's locals, and of the members that its code names.</summary>
    private static IEnumerable<Type?> Used(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body || body.GetILAsByteArray() is not { } code) yield break;
        foreach (var local in body.LocalVariables) yield return local.LocalType;
        // Any four bytes may be a token; those that are none resolve to nothing, and a chance hit of just these types
        // is all but impossible.
        for (var i = 0; i + 4 <= code.Length; i++)
            if (Member(method, BitConverter.ToInt32(code, i)) is { } member)
                yield return member as Type ?? member.DeclaringType;
    }

    private static MemberInfo? Member(MethodBase method, int token)
    {
        if (token >> 24 is not (0x01 or 0x02 or 0x04 or 0x06 or 0x0A or 0x1B or 0x2B)) return null;
        try
        {
            return method.Module.ResolveMember(token, method.DeclaringType?.GetGenericArguments(),
                method is MethodInfo ? method.GetGenericArguments() : null);
        }
        catch (Exception e)
            when (e is ArgumentException or BadImageFormatException or TypeLoadException or MissingMemberException)
        {
            return null;
        }
    }
}
