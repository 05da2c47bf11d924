using Orleans.FL.Learning.Training.TorchLoading;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

public sealed class TorchRuntimeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("torch-runtime-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_libtorch_one_sentence_names_the_remedy()
    {
        File.WriteAllBytes(Path.Combine(_folder, "libLibTorchSharp.so"), []);
        File.WriteAllBytes(Path.Combine(_folder, "LibTorchSharp.dll"), []);
        File.WriteAllBytes(Path.Combine(_folder, "libLibTorchSharp.dylib"), []);

        var error = Assert.Throws<TorchUnavailableException>(() => TorchFiles.Find([_folder], _ => false));

        Assert.Contains("dotnet build -p:Torch=cpu", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Without_torchsharps_own_library_one_sentence_names_the_remedy()
    {
        var error = Assert.Throws<TorchUnavailableException>(() => TorchFiles.Find([_folder], _ => true));

        Assert.Contains("dotnet build -p:Torch=cpu", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loading_twice_from_many_threads_is_harmless()
    {
        Parallel.For(0, 16, _ => TorchRuntime.EnsureLoaded());
    }

    [LinuxFact]
    public void A_link_is_replaced_and_what_it_points_to_is_left_alone()
    {
        var (target, link) = Linked();
        var shipped = File.ReadAllBytes(target);

        Assert.True(TorchRuntime.LoadWeakened(link, inPlace: true, IsWeak));

        Assert.Null(new FileInfo(link).LinkTarget);
        Assert.True(IsWeak(link));
        Assert.Equal(shipped, File.ReadAllBytes(target));
        Assert.Equal(2, Directory.GetFiles(_folder).Length); // no draft is left
    }

    [LinuxFact]
    public void Where_the_folder_is_not_ours_a_private_copy_is_loaded_and_removed()
    {
        var (target, link) = Linked();
        UnixFileMode? mode = null;
        string? loaded = null;

        var done = TorchRuntime.LoadWeakened(link, inPlace: false, path =>
        {
            if (path == link || !IsWeak(path) || OperatingSystem.IsWindows()) return false;
            mode = File.GetUnixFileMode(Path.GetDirectoryName(path)!);
            loaded = path;
            return true;
        });

        Assert.True(done);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, mode);
        Assert.False(Directory.Exists(Path.GetDirectoryName(loaded)));
        Assert.Equal(target, new FileInfo(link).LinkTarget);
    }

    [LinuxFact]
    public void A_library_that_loads_is_left_as_it_is()
    {
        var (_, link) = Linked();

        Assert.True(TorchRuntime.LoadWeakened(link, inPlace: true, _ => true));

        Assert.NotNull(new FileInfo(link).LinkTarget);
    }

    [LinuxFact]
    public void Many_that_start_at_once_all_succeed()
    {
        var (_, link) = Linked();

        var loaded = Enumerable.Range(0, 24).AsParallel().WithDegreeOfParallelism(8)
            .Select(_ => TorchRuntime.LoadWeakened(link, inPlace: true, IsWeak)).ToList();

        Assert.All(loaded, Assert.True);
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
    }

    /// <summary>What the loader of an old system would say: the need must be weak. Whole files only.</summary>
    private static bool IsWeak(string path)
    {
        var bytes = File.ReadAllBytes(path);
        Assert.Equal(ElfVersionNeedsTests.Library().Length, bytes.Length);
        return ElfVersionNeeds.Weaken(bytes, "GLIBCXX_3.4.32") == 0;
    }

    private (string Target, string Link) Linked()
    {
        var (target, link) = (Path.Combine(_folder, "package.so"), Path.Combine(_folder, "libLibTorchSharp.so"));
        var shipped = ElfVersionNeedsTests.Library();
        ElfVersionNeedsTests.Strengthen(shipped);
        File.WriteAllBytes(target, shipped);
        File.CreateSymbolicLink(link, target);
        return (target, link);
    }
}
