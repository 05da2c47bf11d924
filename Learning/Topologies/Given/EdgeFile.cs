using System.Globalization;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Given;

/// <summary>Reads edges from files: lines of text, or GraphML.</summary>
internal static class EdgeFile
{
    /// <summary>Largest file, in bytes.</summary>
    public const int LargestFile = 16 << 20;

    /// <summary>Most edges: as many as an experiment of at most 1 MiB could hold.</summary>
    public const int MostEdges = 100_000;

    private static readonly char[] Separators = [' ', '\t', ',', ';'];

    /// <summary>The edges of a file.</summary>
    /// <param name="path">The file; GraphML if it ends with .graphml or .xml.</param>
    /// <exception cref="ExperimentException">The file is not there, too large or wrong.</exception>
    public static (IReadOnlyList<FileEdge> Edges, bool Directed) Read(string path)
    {
        using var file = new MemoryStream(UserFile.Read(path, LargestFile, Wrong));
        return Path.GetExtension(path).ToLowerInvariant() is ".graphml" or ".xml"
            ? GraphMl.Read(file, path)
            : (Lines(new StreamReader(file), path), false);
    }

    /// <summary>An error of the option that names the file.</summary>
    internal static ExperimentException Wrong(string message) => new([new ValidationError("$.topology.file", message)]);

    /// <summary>Refuses one edge too many.</summary>
    internal static void Add(List<FileEdge> edges, FileEdge edge, string path)
    {
        if (edges.Count == MostEdges)
            throw Wrong($"The file '{path}' has more than {MostEdges} edges; that is too many for an experiment.");
        edges.Add(edge);
    }

    /// <summary>The edges of lines 'from to' or 'from to weight'; what follows # or % is a comment.</summary>
    private static List<FileEdge> Lines(TextReader reader, string path)
    {
        var edges = new List<FileEdge>();
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            var parts = line.Split('#', '%')[0].Split(Separators, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 0) continue;
            if (parts.Length > 3 || !Rank(parts[0], out var from) || parts.Length < 2 || !Rank(parts[1], out var to)
                || !Weight(parts, out var weight))
                throw Wrong($"Line {number} of '{path}' is no edge: {Spelling.Quote(line)}. "
                    + "Write 'from to' or 'from to weight', nodes from 0.");
            Add(edges, new(from, to, weight), path);
        }
        return edges;
    }

    private static bool Rank(string text, out int rank) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out rank);

    private static bool Weight(string[] parts, out double? weight)
    {
        weight = null;
        if (parts.Length < 3) return true;
        if (!double.TryParse(parts[2], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            || !double.IsFinite(number))
            return false;
        weight = number;
        return true;
    }
}

/// <summary>An edge as a file gives it.</summary>
/// <param name="From">The sender.</param>
/// <param name="To">The receiver.</param>
/// <param name="Weight">Its weight; null if the file gives none.</param>
internal readonly record struct FileEdge(int From, int To, double? Weight);
