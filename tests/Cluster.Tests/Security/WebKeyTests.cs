using System.Net;
using Xunit;

namespace Orleans.FL.Cluster.Tests.Security;

public sealed class WebKeyTests : IClassFixture<Workbench>
{
    private const string Key = "a-key-of-some-length";
    private readonly Workbench _bench;

    public WebKeyTests(Workbench bench) => _bench = bench;

    [Fact(Timeout = 120_000)]
    public async Task With_a_key_only_health_answers_without_it()
    {
        await using var silo = await SiloProgram.Start(_bench, null, [], ("ORLEANS_FL_HTTP_KEY", Key));
        using var http = Client(silo);

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health")).StatusCode);
        foreach (var page in (string[])["/", "/dashboard/", "/dashboard/DashboardCounters", "/dashboard/Trace",
            "/nowhere", "/Health/../dashboard/"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(page)).StatusCode);

        Assert.Equal(HttpStatusCode.OK, await Bearer(http, Key));
        foreach (var wrong in (string[])["", "x", Key + "x", Key[1..], Key.ToUpperInvariant()])
            Assert.Equal(HttpStatusCode.Unauthorized, await Bearer(http, wrong));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_browser_shows_the_key_once()
    {
        File.WriteAllText(Path.Combine(_bench.Folder, "key"), Key + "\n");
        await using var silo = await SiloProgram.Start(_bench, null, ["--http-key-file", "key"]);
        using var http = Client(silo);
        http.DefaultRequestHeaders.Accept.ParseAdd("text/html");

        Assert.Contains("<form", await (await http.GetAsync("/dashboard/")).Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/dashboard/?key=wrong")).StatusCode);
        using var form = new FormUrlEncodedContent([new("key", Key)]);
        foreach (var answer in new[] { await http.GetAsync($"/dashboard/?key={Key}"),
            await http.PostAsync("/login", form) })
        {
            Assert.Equal((HttpStatusCode.SeeOther, "/dashboard/"),
                (answer.StatusCode, answer.Headers.Location?.OriginalString));
            var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
            Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Key, cookie);
            using var next = new HttpRequestMessage(HttpMethod.Get, "/dashboard/DashboardCounters");
            next.Headers.Add("Cookie", cookie[..cookie.IndexOf(';')]);
            Assert.Equal(HttpStatusCode.OK, (await http.SendAsync(next)).StatusCode);
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task A_silo_that_others_reach_needs_tls_and_a_key()
    {
        await using var open = _bench.Start("Orleans.FL.Silo.dll", ["--bind", "0.0.0.0", "--advertise", "10.0.0.1",
            "--clustering", "redis", "--database", "db:6379"]);

        Assert.Equal(2, await open.End());
        Assert.Equal(["--tls-certificate", "--http-key-file"], open.Error.Select(l => l[..l.IndexOf(':')]));
        Assert.Empty(open.Output);
    }

    private static HttpClient Client(SiloProgram silo) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = silo.Web };

    private static async Task<HttpStatusCode> Bearer(HttpClient http, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard/DashboardCounters");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        return (await http.SendAsync(request)).StatusCode;
    }
}
