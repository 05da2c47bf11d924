using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Orleans.FL.Silo.Web;

/// <summary>What the web port grants to those it does not know.</summary>
internal static class WebLimits
{
    /// <summary>Bounds connections, their waiting and what they send: pages are only read here.</summary>
    /// <param name="kestrel">The web server.</param>
    public static void LimitStrangers(this KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = 4096;
        limits.MaxRequestBodySize = 64 << 10;
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(20); // also that of a connection that never says anything
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
    }
}
