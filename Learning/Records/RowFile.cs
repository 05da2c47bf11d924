using System.Text;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Records;

/// <summary>A CSV file of a run that grows by a few whole lines at a time.</summary>
internal static class RowFile
{
    // A text in memory has two bytes a character, and at most 2 GiB.
    private const int LargestFile = 1 << 30;

    /// <summary>Adds lines, in one write; a last line that was cut by a kill goes first.</summary>
    /// <param name="path">The file; made with its header if it does not exist.</param>
    /// <param name="header">The names of its columns.</param>
    /// <param name="lines">The lines.</param>
    public static void Append(string path, string header, IReadOnlyCollection<string> lines)
    {
        if (lines.Count == 0) return;
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite,
            FileShare.Read | FileShare.Delete, 1);
        var length = WholeLength(file);
        file.SetLength(length);
        file.Position = length;
        string[] all = length == 0 ? [header, .. lines] : [.. lines];
        file.Write(Encoding.UTF8.GetBytes(string.Join('\n', all) + "\n"));
    }

    /// <summary>
    /// All lines after the header; a last one that was cut by a kill, or is being written, is left out.
    /// </summary>
    /// <typeparam name="T">A line.</typeparam>
    /// <param name="path">The file; none is as an empty one.</param>
    /// <param name="parse">Reads the fields of a line; null if they are none.</param>
    /// <exception cref="ExperimentException">The file cannot be read, or a line before the last is damaged; names
    /// it.</exception>
    public static List<T> Read<T>(string path, Func<string[], T?> parse) where T : class
    {
        if (!UserFile.HoldsSomething(path)) return [];
        using var file = new StreamReader(UserFile.Open(path, LargestFile, m => new ExperimentException(m)));
        var text = FileError.Explain(path, "read", file.ReadToEnd);
        var lines = text.Split('\n')[..^1]; // what follows the last line break is no whole line
        return [.. lines.Skip(1).Select((line, i) => parse(line.Split(','))
            ?? throw new ExperimentException(
                $"{path} is damaged in line {i + 2}: '{line}' has not the columns of the first line."))];
    }

    private static long WholeLength(FileStream file)
    {
        for (var length = file.Length; length > 0; length--)
        {
            file.Position = length - 1;
            if (file.ReadByte() == '\n') return length;
        }
        return 0;
    }
}
