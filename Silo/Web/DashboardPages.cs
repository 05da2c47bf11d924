using Orleans.Dashboard;

namespace Orleans.FL.Silo.Web;

/// <summary>
/// The pages of Orleans' dashboard, mapped at the first request for one: to map them unpacks and packs all of their
/// files, an eighth of the processor time of a short run.
/// </summary>
/// <param name="next">What follows.</param>
/// <param name="services">The silo's.</param>
/// <param name="visit">Is told of the request.</param>
internal sealed class DashboardPages(RequestDelegate next, IServiceProvider services, FirstVisit visit)
{
    private readonly Lazy<RequestDelegate> _pages = new(() => Map(services));

    /// <summary>Answers a request for a page of the dashboard, or lets another pass.</summary>
    /// <param name="http">The request.</param>
    public Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments(WebPages.Dashboard)) return next(http);
        visit.Note();
        return _pages.Value(http);
    }

    private static RequestDelegate Map(IServiceProvider services)
    {
        var pages = new ApplicationBuilder(services);
        pages.UseRouting();
        pages.UseEndpoints(endpoints => endpoints.MapOrleansDashboard(WebPages.Dashboard)
            .AddEndpointFilter<RouteGroupBuilder, DashboardAnswers>());
        return pages.Build();
    }
}
