using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Orleans.FL.Silo.Web;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.SiloHosting;

/// <summary>The dashboard costs a silo nothing until somebody looks.</summary>
public sealed class DashboardPagesTests
{
    [Fact(Timeout = 10_000)]
    public async Task Pages_are_mapped_when_the_first_is_asked_for_and_not_before()
    {
        using var services = new ServiceCollection().BuildServiceProvider(); // no dashboard: to map it fails
        var (visit, passed) = (new FirstVisit(expected: false), 0);
        var pages = new DashboardPages(_ =>
        {
            passed++;
            return Task.CompletedTask;
        }, services, visit);

        await pages.InvokeAsync(Request("/health"));

        Assert.Equal((1, false), (passed, visit.Happened.IsCompleted));
        await Assert.ThrowsAsync<InvalidOperationException>(() => pages.InvokeAsync(Request("/dashboard/index.css")));
        Assert.Equal((1, true), (passed, visit.Happened.IsCompleted));
    }

    [Fact]
    public void A_silo_of_its_own_begins_to_look_at_once() => Assert.True(new FirstVisit(true).Happened.IsCompleted);

    private static DefaultHttpContext Request(string path) => new() { Request = { Path = path } };
}
