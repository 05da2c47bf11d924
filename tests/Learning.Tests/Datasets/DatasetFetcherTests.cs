using System.Net;
using System.Security.Cryptography;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Datasets.Fetching;
using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Learning.Tests.Datasets;

public sealed class DatasetFetcherTests : IDisposable
{
    private static readonly byte[] Good = [0, 0, 8, 1, 0, 0, 0, 2, 1, 0];
    private static readonly byte[] Bad = [0, 0, 8, 1, 0, 0, 0, 2, 1, 7];

    private readonly TempFolder _folder = new();
    private readonly List<FetchProgress> _progress = [];

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 30_000)]
    public async Task A_download_with_the_right_checksum_lands_in_the_cache()
    {
        var folder = await Fetch(Official(HttpStatusCode.OK, Good));

        Assert.Equal(Path.Combine(_folder.Path, "toy"), folder);
        Assert.Equal(Good, File.ReadAllBytes(Path.Combine(folder, "labels")));
        Assert.Equal(["toy"], Entries());
        Assert.Contains(new FetchProgress("Downloading labels", 10, 10), _progress);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_download_with_a_wrong_checksum_leaves_nothing()
    {
        var e = await Assert.ThrowsAsync<DatasetFetchException>(() => Fetch(Official(HttpStatusCode.OK, Bad)));

        Assert.Contains("sent SHA-256 ", e.Message);
        Assert.Empty(Entries());
    }

    [Fact(Timeout = 30_000)]
    public async Task A_download_that_is_too_long_is_cut_off()
    {
        var e = await Assert.ThrowsAsync<DatasetFetchException>(
            () => Fetch(Official(HttpStatusCode.OK, [.. Good, .. new byte[1 << 22]])));

        Assert.Contains("sent more than the 10 bytes it should have", e.Message);
        Assert.Empty(Entries());
    }

    [Fact(Timeout = 30_000)]
    public async Task The_next_source_is_tried_when_one_fails()
    {
        var folder = await Fetch(Official(HttpStatusCode.NotFound, []), new FixedSource(Good));

        Assert.Equal(Good, File.ReadAllBytes(Path.Combine(folder, "labels")));
        Assert.Equal(["toy"], Entries());
    }

    [Fact(Timeout = 30_000)]
    public async Task What_a_source_brings_must_load()
    {
        var e = await Assert.ThrowsAsync<DatasetFetchException>(() => Fetch(new FixedSource(Bad)));

        Assert.Contains("expected a label from 0 to 1, found 7", e.Message);
        Assert.Empty(Entries());
    }

    [Fact(Timeout = 30_000)]
    public async Task All_sources_that_failed_are_named()
    {
        var e = await Assert.ThrowsAsync<DatasetFetchException>(
            () => Fetch(Official(HttpStatusCode.NotFound, []), new FixedSource(null)));

        Assert.Contains("the official address: http://localhost/labels: ", e.Message);
        Assert.Contains("a fixed source: it is empty", e.Message);
        Assert.Contains($"put its files into {Path.Combine(_folder.Path, "toy")}", e.Message);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_whole_dataset_is_not_fetched_again()
    {
        _folder.Write("toy/labels", Good);

        Assert.Equal(Path.Combine(_folder.Path, "toy"), await Fetch(new FixedSource(null)));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_faulty_copy_in_the_cache_is_replaced()
    {
        _folder.Write("toy/labels", Bad);
        _folder.Write("toy/notes.txt", [1]);

        var folder = await Fetch(new FixedSource(Good));

        Assert.Equal(Good, File.ReadAllBytes(Path.Combine(folder, "labels")));
        Assert.True(File.Exists(Path.Combine(folder, "notes.txt")));
    }

    [Fact(Timeout = 30_000)]
    public async Task A_cancelled_fetch_leaves_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        var source = new FixedSource(Good) { Before = cancelled.Cancel };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Fetcher(source).FetchAsync("toy", Progress(), cancelled.Token));

        Assert.Empty(Entries());
    }

    [Fact(Timeout = 30_000)]
    public async Task An_unknown_name_is_the_users_error()
    {
        var e = await Assert.ThrowsAsync<ExperimentException>(() => Fetcher().FetchAsync("toi", Progress()));

        Assert.Equal("There is no dataset named 'toi' to fetch. Known: toy.", e.Message);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_silent_server_is_given_up()
    {
        using var http = new HttpClient(new Handler(async cancellationToken =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("never");
        }));

        var e = await Assert.ThrowsAsync<DatasetFetchException>(
            () => Fetch(new OfficialSource(http, TimeSpan.FromMilliseconds(50))));

        Assert.Contains("http://localhost/labels: no answer in time", e.Message);
    }

    [Fact]
    public void The_store_lists_what_is_here_and_what_is_not()
    {
        var store = Store();
        Assert.Equal([new DatasetPresence("toy", "", null, 0)], store.List());

        _folder.Write("toy/labels", Good);
        Assert.Equal([new DatasetPresence("toy", "", Path.Combine(_folder.Path, "toy"), 10)], store.List());
    }

    private Task<string> Fetch(params DatasetSource[] sources) => Fetcher(sources).FetchAsync("toy", Progress());

    private DatasetFetcher Fetcher(params DatasetSource[] sources) => new(Store(), sources);

    private DatasetStore Store() => new([new Toy()], new DatasetLocator([], _folder.Path, _folder.Path));

    private Recorder Progress() => new(_progress);

    private IEnumerable<string?> Entries() =>
        Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName);

    private static OfficialSource Official(HttpStatusCode status, byte[] content) => new(
        new HttpClient(new Handler(_ => Task.FromResult(
            new HttpResponseMessage(status) { Content = new ByteArrayContent(content) }))),
        TimeSpan.FromSeconds(10));

    private sealed class Toy : Dataset
    {
        public override string Folder => "toy";

        public override DatasetOrigin Origin { get; } = new("toy", ["labels"])
        {
            Downloads = [new(new Uri("http://localhost/labels"), 10, Convert.ToHexStringLower(SHA256.HashData(Good)))],
        };

        public override LabeledData Load(DatasetLocator locator)
        {
            var labels = IdxFile.ReadLabels(locator.Locate(Origin), "labels", 2, 2, "toy");
            var set = new ImageSet(new byte[2], labels, new SampleShape(1, 1, 1), new PixelScale(255, [0], [1]));
            return new LabeledData(set, set, 2);
        }
    }

    private sealed class FixedSource(byte[]? content) : DatasetSource
    {
        public Action Before { get; init; } = () => { };

        public override string Name => "a fixed source";

        public override bool Has(DatasetOrigin origin) => true;

        public override async Task FetchAsync(DatasetOrigin origin, string folder, string scratch,
            IProgress<FetchProgress> progress, CancellationToken cancellationToken = default)
        {
            Before();
            if (content is null) throw new DatasetFetchException("it is empty");
            await File.WriteAllBytesAsync(Path.Combine(folder, "labels"), content, cancellationToken);
        }
    }

    private sealed class Handler(Func<CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) => answer(cancellationToken);
    }

    private sealed class Recorder(List<FetchProgress> received) : IProgress<FetchProgress>
    {
        public void Report(FetchProgress value) => received.Add(value);
    }
}
