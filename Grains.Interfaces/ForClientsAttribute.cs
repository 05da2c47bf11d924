namespace Orleans.FL.Grains.Interfaces;

/// <summary>A call that users' programs may make; one without it is between silos, and refused to them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ForClientsAttribute : Attribute;
