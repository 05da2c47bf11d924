using Orleans.Dashboard;
using Orleans.FL.Silo.Options;

namespace Orleans.FL.Silo.Web;

/// <summary>The web pages of a silo: /health for everybody, the dashboard for those who have the key.</summary>
internal static class WebPages
{
    /// <summary>Where the dashboard is.</summary>
    public const string Dashboard = "/dashboard";

    /// <summary>Adds the web server and what its pages need.</summary>
    /// <param name="builder">The silo's program.</param>
    /// <param name="options">Valid options.</param>
    public static void AddWebPages(this WebApplicationBuilder builder, SiloOptions options)
    {
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(options.BindAddress, options.HttpPort);
            kestrel.LimitStrangers();
        });
        builder.Services.AddRouting();
        builder.Services.AddSingleton<SiloHealth>();
    }

    /// <summary>Adds the part of the dashboard that looks at the grains.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="place">An embedded silo begins to look at its first page: its run waits for the start.</param>
    public static void AddDashboardPages(this ISiloBuilder silo, SiloProcess place)
    {
        silo.Services.AddSingleton(new FirstVisit(expected: place == SiloProcess.OwnProcess));
        silo.AddDashboard(dashboard => dashboard.HideTrace = true);
        LateDashboard.Defer(silo.Services);
    }

    /// <summary>Maps the pages, the key first.</summary>
    /// <param name="app">The silo's program.</param>
    /// <param name="key">The key; null if everybody who reaches the port may see the pages.</param>
    public static void MapWebPages(this WebApplication app, string? key)
    {
        if (key is not null) app.Use(new HttpKey(key).Ask);
        app.UseMiddleware<DashboardPages>();
        app.UseRouting();
        app.MapGet("/", () => Results.Redirect($"{Dashboard}/"));
        app.MapGet("/health", (SiloHealth health, CancellationToken cancellation) => health.Respond(cancellation));
    }
}
