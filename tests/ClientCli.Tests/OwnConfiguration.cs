using System.Runtime.CompilerServices;

namespace Orleans.FL.ClientCli.Tests;

/// <summary>Keeps the tests off the clusters of the user who runs them.</summary>
internal static class OwnConfiguration
{
    [ModuleInitializer]
    internal static void Set()
    {
        Environment.SetEnvironmentVariable("XDG_CONFIG_HOME",
            Path.Combine(AppContext.BaseDirectory, "no-configuration"));
        Environment.SetEnvironmentVariable("ORLEANS_FL_SILO", null);
        Environment.SetEnvironmentVariable("ORLEANS_FL_PROFILE", null);
        Environment.SetEnvironmentVariable("ORLEANS_FL_CLUSTER", null);
    }
}
