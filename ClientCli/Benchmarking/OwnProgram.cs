namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>flctl as a program to start again, so that what is measured is what users run.</summary>
internal static class OwnProgram
{
    /// <summary>A command line of flctl.</summary>
    /// <param name="arguments">Its arguments.</param>
    public static IReadOnlyList<string> Command(params IReadOnlyList<string> arguments)
    {
        var library = Path.Combine(AppContext.BaseDirectory, "flctl.dll");
        // The apphost is a program of its own; anything else that runs this is the host of libraries, or is not flctl.
        return Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "flctl"
            ? [path, .. arguments]
            : ["dotnet", library, .. arguments];
    }
}
