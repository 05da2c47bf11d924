/// <summary>
/// Runs inside a program that a test starts, before its first line: DOTNET_STARTUP_HOOKS names this assembly. Writes at
/// the end which assemblies and native libraries the program has loaded.
/// </summary>
/// <remarks>.NET looks for a class of this name in no namespace.</remarks>
internal static class StartupHook
{
    /// <summary>Environment variable with the file to write to.</summary>
    public const string Variable = "ORLEANS_FL_TESTS_LOADED";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } file) return;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            File.WriteAllLines(file, AppDomain.CurrentDomain.GetAssemblies().Select(a => $"{a.GetName().Name}")
                .Concat(process.Modules.Cast<System.Diagnostics.ProcessModule>().Select(m => m.ModuleName)));
        };
    }
}
