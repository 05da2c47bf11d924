namespace Orleans.FL.Learning.Components;
/// <summary>c</summary>
/// <typeparam name="T">k</typeparam>
public static class Catalog<T> where T : class
{
    /// <summary>c</summary>
    /// <param name="name">n</param>
    /// <param name="options">o</param>
    public static T Create(string name, object? options) => throw new NotSupportedException(name + options);
}
