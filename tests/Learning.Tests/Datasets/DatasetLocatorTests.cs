using Orleans.FL.Learning.Datasets;
using Xunit;

namespace Orleans.FL.Learning.Tests.Datasets;

public sealed class DatasetLocatorTests : IDisposable
{
    private static readonly DatasetOrigin Toy = new("toy", ["a", "b"]) { SystemFolders = ["usr/share/toy"] };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Roots_go_before_the_system_and_the_system_before_the_cache()
    {
        Put("cache/toy");
        Assert.Equal(At("cache/toy"), Locator().Locate(Toy));

        Put("system/usr/share/toy");
        Assert.Equal(At("system/usr/share/toy"), Locator().Locate(Toy));

        Put("second/toy");
        Assert.Equal(At("second/toy"), Locator().Locate(Toy));

        Put("first/toy");
        Assert.Equal(At("first/toy"), Locator().Locate(Toy));
    }

    [Fact]
    public void A_path_of_the_experiment_goes_before_all()
    {
        Put("first/toy");
        Put("mine");

        Assert.Equal(At("mine"), Locator().Locate(Toy, At("mine")));
    }

    [Fact]
    public void A_path_without_the_files_is_an_error_even_if_they_are_elsewhere()
    {
        Put("first/toy");
        _folder.Write("mine/a", []);

        var e = Assert.Throws<DataAbsentException>(() => Locator().Locate(Toy, At("mine")));

        Assert.Contains($"{At("mine")} lacks b (plain or .gz) of toy", e.Message);
    }

    [Fact]
    public void A_folder_that_lacks_a_file_is_passed_over()
    {
        _folder.Write("first/toy/a", []);
        Put("cache/toy");

        Assert.Equal(At("cache/toy"), Locator().Locate(Toy));
    }

    [Fact]
    public void Files_may_be_gzip()
    {
        _folder.Write("first/toy/a", []);
        _folder.WriteGzip("first/toy/b", []);

        Assert.Equal(At("first/toy"), Locator().Locate(Toy));
    }

    [Fact]
    public void An_absent_dataset_is_an_error_that_lists_the_places_and_the_remedy()
    {
        _folder.Write("second/toy/a", []);

        var e = Assert.Throws<DataAbsentException>(() => Locator().Locate(Toy));

        var places = $"looked in {At("first/toy")}, {At("second/toy")} (lacks b), " +
            $"{At("system/usr/share/toy")}, {At("cache/toy")}";
        Assert.Contains(places, e.Message);
        Assert.Contains("run 'flctl data get toy', or set ORLEANS_FL_DATA to a folder that holds toy/", e.Message);
    }

    private void Put(string folder)
    {
        foreach (var file in Toy.Files) _folder.Write($"{folder}/{file}", []);
    }

    private string At(string folder) => Path.Combine(_folder.Path, folder);

    private DatasetLocator Locator() => new([At("first"), At("second")], At("system"), At("cache"));
}
