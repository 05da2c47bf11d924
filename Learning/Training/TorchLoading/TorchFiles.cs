namespace Orleans.FL.Learning.Training.TorchLoading;

/// <summary>The native files of TorchSharp and libtorch as they lie on this machine.</summary>
/// <param name="Library">Path of TorchSharp's own library.</param>
/// <param name="Dependencies">Paths of libtorch's libraries, in the order to load them; empty if the system's loader
/// did.</param>
internal sealed record TorchFiles(string Library, IReadOnlyList<string> Dependencies)
{
    /// <summary>
    /// libtorch's libraries, each after those that it needs; the CUDA ones exist in CUDA builds only.
    /// </summary>
    private static readonly string[] LoadOrder = ["c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch"];

    /// <summary>Finds the files.</summary>
    /// <param name="folders">Folders to look in, best first.</param>
    /// <param name="tryLoadByName">Asks the system's loader (LD_LIBRARY_PATH and the like) for a library.</param>
    /// <exception cref="TorchUnavailableException">There is no libtorch.</exception>
    public static TorchFiles Find(IEnumerable<string> folders, Func<string, bool> tryLoadByName)
    {
        var all = folders.ToList();
        var library = all.Select(f => Path.Combine(f, FileName("LibTorchSharp"))).FirstOrDefault(File.Exists)
            ?? throw new TorchUnavailableException(
                $"TorchSharp's native library {FileName("LibTorchSharp")} is not beside the program: "
                + "build with `dotnet build -p:Torch=cpu` for this system.");
        var home = all.Find(f => File.Exists(Path.Combine(f, FileName("torch_cpu"))));
        if (home is not null)
            return new(library, [.. LoadOrder.Select(n => Path.Combine(home, FileName(n))).Where(File.Exists)]);
        var named = LoadOrder.Where(n => tryLoadByName(FileName(n))).ToList();
        if (named.Contains("torch_cpu")) return new(library, []);
        throw new TorchUnavailableException(
            "Training needs libtorch, which this build does not bring: build with `dotnet build -p:Torch=cpu`, "
            + "or name the folder of your own libtorch 2.10 in LD_LIBRARY_PATH (PATH on Windows).");
    }

    private static string FileName(string library)
    {
        if (OperatingSystem.IsWindows()) return library + ".dll";
        return $"lib{library}.{(OperatingSystem.IsMacOS() ? "dylib" : "so")}";
    }
}
