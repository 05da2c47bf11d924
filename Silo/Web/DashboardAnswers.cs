namespace Orleans.FL.Silo.Web;

/// <summary>
/// What Orleans' dashboard answers where it would throw: 404 for what is not there, 503 for what cannot be asked now.
/// </summary>
/// <param name="membership">Knows the silos.</param>
internal sealed class DashboardAnswers(IClusterMembershipService membership) : IEndpointFilter
{
    // Pages that end in the address of a silo.
    private static readonly string[] OfSilos =
        ["HistoricalStats", "SiloProperties", "SiloMetadata", "SiloStats", "SiloCounters"];

    /// <inheritdoc/>
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (OfSilos.Any(page => http.Request.Path.StartsWithSegments($"{WebPages.Dashboard}/{page}"))
            && !IsSilo($"{http.Request.RouteValues.Values.FirstOrDefault()}"))
            return Answer("The cluster has no such silo.", StatusCodes.Status404NotFound);
        try
        {
            return await next(context);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            return e is FormatException or ArgumentException or InvalidOperationException or NullReferenceException
                ? Answer("There is nothing of that name.", StatusCodes.Status404NotFound)
                : Answer("The cluster cannot be asked at the moment.", StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static IResult Answer(string sentence, int code) => Results.Text(sentence + "\n", statusCode: code);

    private bool IsSilo(string address) =>
        SiloAddress.TryParse(address, out var silo) && membership.CurrentSnapshot.Members.ContainsKey(silo);
}
