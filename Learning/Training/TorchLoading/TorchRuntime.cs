using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Orleans.FL.Learning.Foundation;
using TorchSharp;

namespace Orleans.FL.Learning.Training.TorchLoading;

/// <summary>Loads libtorch once for the process, on systems too that TorchSharp's own lookup fails on.</summary>
/// <remarks>
/// TorchSharp 0.107's native library names the symbol version <c>GLIBCXX_3.4.32</c> of GCC 13, which Debian 12 and
/// Ubuntu 22.04 lack. The only symbol of that version, <c>_ZSt21ios_base_library_initv</c>, is an anchor for the
/// linker that nothing calls, so the need may be weak. This happens only where a plain load fails.
/// </remarks>
public static class TorchRuntime
{
    private const string MissingVersion = "GLIBCXX_3.4.32";
    private static readonly Lock Gate = new();
    private static volatile bool _loaded;

    /// <summary>Versions of the libraries that compute, as built against, by name.</summary>
    public static IReadOnlyDictionary<string, string> Versions() => typeof(TorchRuntime).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Where(a => a.Key is "TorchSharp" or "libtorch")
        .ToDictionary(a => a.Key, a => a.Value ?? "");

    /// <summary>
    /// Whether libtorch may find GPUs; a build for the processor is not even loaded to look for them.
    /// </summary>
    public static bool IsBuiltForGpus =>
        !Versions().GetValueOrDefault("libtorch", "").EndsWith("(cpu)", StringComparison.Ordinal);

    /// <summary>
    /// Makes the type <see cref="torch"/> usable; must run before anything touches it. Cheap when done.
    /// </summary>
    /// <exception cref="TorchUnavailableException">libtorch is missing or does not load.</exception>
    public static void EnsureLoaded()
    {
        if (_loaded) return;
        lock (Gate)
        {
            if (_loaded) return;
            NativeHeap.KeepBlocks();
            var files = TorchFiles.Find(SearchFolders(), name => NativeLibrary.TryLoad(name, out _));
            Load(files);
            InitializeTorch();
            _loaded = true;
        }
    }

    /// <summary>Loads TorchSharp's native library, weakened where the system needs that.</summary>
    /// <param name="library">Path of the file as shipped; possibly a symbolic link into the package cache.</param>
    /// <param name="inPlace">Whether the file (or link) may be replaced by the weakened one.</param>
    /// <param name="tryLoad">Loads a library by its path.</param>
    internal static bool LoadWeakened(string library, bool inPlace, Func<string, bool> tryLoad)
    {
        if (tryLoad(library)) return true;
        var bytes = File.ReadAllBytes(library);
        // Nothing to weaken: another process has just replaced the file, or the error is a different one.
        if (ElfVersionNeeds.Weaken(bytes, MissingVersion) == 0) return tryLoad(library);
        if (inPlace && TryReplace(library, bytes)) return tryLoad(library);
        return new[] { Path.GetTempPath(), UserFolder() }
            .Any(root => LoadFromPrivateCopy(root, library, bytes, tryLoad));
    }

    private static void Load(TorchFiles files)
    {
        foreach (var dependency in files.Dependencies) NativeLibrary.TryLoad(dependency, out _);
        if (!OperatingSystem.IsLinux()) return;
        var inPlace = Path.GetFullPath(files.Library).StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal);
        if (LoadWeakened(files.Library, inPlace, path => NativeLibrary.TryLoad(path, out _))) return;
        try
        {
            NativeLibrary.Load(files.Library);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new TorchUnavailableException(
                $"TorchSharp's native library {files.Library} does not load ({Reason(e)}); "
                + "rebuild with `dotnet build -p:Torch=cpu` on this system.", e);
        }
    }

    /// <summary>
    /// Puts a file in the place of another (or of a link to it) at once, so that no process sees half of it.
    /// </summary>
    private static bool TryReplace(string path, byte[] bytes)
    {
        var draft = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllBytes(draft, bytes);
            File.Move(draft, path, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(() => File.Delete(draft));
            return false;
        }
    }

    /// <summary>
    /// Loads a copy from a fresh folder that only this user may enter; a loaded library needs no file.
    /// </summary>
    private static bool LoadFromPrivateCopy(string root, string library, byte[] bytes, Func<string, bool> tryLoad)
    {
        string? folder = null;
        if (root.Length == 0) return false;
        try
        {
            folder = PrivateFolder(root);
            var copy = Path.Combine(folder, Path.GetFileName(library));
            File.WriteAllBytes(copy, bytes);
            return tryLoad(copy);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        finally
        {
            if (folder is not null) TryDelete(() => Directory.Delete(folder, recursive: true));
        }
    }

    private static string PrivateFolder(string root) =>
        OwnFile.MakeFolder(Path.Combine(root, $"orleans-fl-{Guid.NewGuid():N}"));

    private static void TryDelete(Action delete)
    {
        try
        {
            delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A leftover of some megabytes is no reason not to train.
        }
    }

    private static string UserFolder() => Environment.GetFolderPath(
        Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);

    private static IEnumerable<string> SearchFolders()
    {
        var hosts = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        var app = AppContext.BaseDirectory;
        return
        [
            .. hosts.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
            app,
            Path.Combine(app, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"),
        ];
    }

    /// <summary>
    /// Runs TorchSharp's own start, which finds the libraries loaded. Apart, so that no caller's JIT runs it early.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void InitializeTorch()
    {
        try
        {
            RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle);
        }
        catch (TypeInitializationException e)
        {
            throw new TorchUnavailableException($"TorchSharp does not start ({Reason(e.InnerException ?? e)}); "
                + "rebuild with `dotnet build -p:Torch=cpu`.", e);
        }
    }

    private static string Reason(Exception e) => e.Message.Split('\n')[0].Trim().TrimEnd('.');
}
