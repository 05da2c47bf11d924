using System.Security.Cryptography;
using System.Text;

namespace Orleans.FL.Silo.Web;

/// <summary>
/// Asks for a key before every page but /health: as a bearer token, or once in a form that leaves a cookie.
/// </summary>
internal sealed class HttpKey
{
    private const string Cookie = "orleans-fl-key";
    private const string Field = "key";

    // Without scripts, styles or anything that is fetched.
    private const string Form = """
        <!doctype html><html lang="en"><title>Orleans.FL</title>
        <form method="post" action="/login"><label>Key of this silo <input type="password" name="key" autofocus></label>
        <button>Open</button></form></html>
        """;

    private readonly byte[] _key;
    private readonly string _ticket;
    private readonly byte[] _ticketHash;

    /// <summary>Asks for a key.</summary>
    /// <param name="key">The key.</param>
    public HttpKey(string key)
    {
        _key = Hash(key);
        // The cookie does not give the key away.
        _ticket = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), "orleans-fl cookie"u8));
        _ticketHash = Hash(_ticket);
    }

    /// <summary>Lets a request pass, or answers it.</summary>
    /// <param name="http">The request.</param>
    /// <param name="next">What follows.</param>
    public async Task Ask(HttpContext http, RequestDelegate next)
    {
        var request = http.Request;
        if (request.Path == "/health" || Is(request.Cookies[Cookie], _ticketHash) || Is(Bearer(request), _key))
            await next(http);
        else if (HttpMethods.IsGet(request.Method) && request.Query[Field] is [{ } asked] && Is(asked, _key))
            Admit(http, request.Path.HasValue && request.Path.Value.StartsWith("/dashboard", StringComparison.Ordinal)
                ? "/dashboard/" : "/");
        else if (HttpMethods.IsPost(request.Method) && request.Path == "/login" && Is(await Typed(request), _key))
            Admit(http, "/dashboard/");
        else
            await Refuse(http);
    }

    private void Admit(HttpContext http, string target)
    {
        http.Response.Cookies.Append(Cookie, _ticket,
            new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, Path = "/" });
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = target;
    }

    private static async Task Refuse(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        http.Response.Headers.WWWAuthenticate = "Bearer";
        http.Response.Headers.CacheControl = "no-store";
        var browser = http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
        http.Response.ContentType = browser ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
        await http.Response.WriteAsync(
            browser ? Form : "This silo needs its key: Authorization: Bearer KEY.\n", http.RequestAborted);
    }

    private static string? Bearer(HttpRequest request) =>
        request.Headers.Authorization is [{ } header]
            && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? header["Bearer ".Length..].Trim() : null;

    private static async Task<string?> Typed(HttpRequest request)
    {
        try
        {
            return request.HasFormContentType
                && (await request.ReadFormAsync(request.HttpContext.RequestAborted))[Field] is [{ } typed]
                ? typed : null;
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException)
        {
            return null; // a form that is none
        }
    }

    // Hashes have one length, so that the time reveals nothing about the key, not even its length.
    private static bool Is(string? shown, byte[] hash) => shown is not null
        && CryptographicOperations.FixedTimeEquals(Hash(shown), hash);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
