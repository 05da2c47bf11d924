using System.Diagnostics;
using Xunit;

namespace Orleans.FL.Grains.Tests.Checkpoints;

/// <summary>A disk of some MiB in memory; needs the right to mount one.</summary>
internal sealed class SmallDisk : IDisposable
{
    /// <param name="mebibytes">Its size.</param>
    public SmallDisk(int mebibytes = 1)
    {
        if (TryRun("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", Path)) return;
        Directory.Delete(Path);
        throw new InvalidOperationException("No disk could be mounted.");
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("orleans-fl-disk-").FullName;

    /// <summary>Its files with their lengths.</summary>
    public IReadOnlyList<(string File, long Length)> Files() =>
        [.. Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Order()
            .Select(f => (f, new FileInfo(f).Length))];

    /// <summary>Takes all the space that is left.</summary>
    public void Fill()
    {
        using var filler = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        var block = new byte[256];
        try
        {
            while (true) filler.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>Gives it back.</summary>
    public void Free() => File.Delete(Filler);

    private string Filler => System.IO.Path.Combine(Path, "filler");

    public void Dispose()
    {
        TryRun("umount", Path);
        Directory.Delete(Path);
    }

    /// <summary>Whether this user may mount one.</summary>
    public static bool IsPossible()
    {
        try
        {
            new SmallDisk().Dispose();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool TryRun(string program, params string[] args)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, args) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>A test that needs a disk of its own; skipped, with the reason, where none can be mounted.</summary>
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute()
    {
        if (!SmallDisk.IsPossible()) Skip = "No disk of 1 MiB can be mounted here: it takes root on Linux.";
    }
}
