using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Tests.Datasets;
using Xunit;

namespace Orleans.FL.Learning.Tests.Foundation;

/// <summary>What a run leaves is its owner's: others on the machine do not read it.</summary>
public sealed class OwnFileTests : IDisposable
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_folder_of_a_run_is_made_for_its_owner()
    {
        if (OperatingSystem.IsWindows()) return;
        using var run = RunFolder.Create(_folder.Path, "mine", TimeProvider.System, Classes.Task);

        Assert.Equal(OwnersFolder, File.GetUnixFileMode(run.Path));
    }

    [Fact]
    public void A_folder_that_is_there_stays_as_its_owner_made_it()
    {
        if (OperatingSystem.IsWindows()) return;
        const UnixFileMode shared = OwnersFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
        var path = Directory.CreateDirectory(Path.Combine(_folder.Path, "shared"), shared).FullName;

        OwnFile.MakeFolder(path);

        Assert.Equal(shared, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_file_that_others_could_read_becomes_its_owners_and_keeps_what_it_holds()
    {
        if (OperatingSystem.IsWindows()) return;
        var path = _folder.Write("state.db", [1, 2, 3]);
        File.SetUnixFileMode(path, OwnersFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        OwnFile.Make(path);

        Assert.Equal(OwnersFile, File.GetUnixFileMode(path));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
    }
}
