using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Datasets;

/// <summary>What a table's file is, and what its columns are for.</summary>
public sealed partial class Csv
{
    /// <summary>Options of <see cref="Csv"/>.</summary>
    public sealed record Options : IReadFiles
    {
        /// <summary>The file.</summary>
        [Option("The file, from the folder of the experiment file. It must be at this place on each silo.", Max = 4096)]
        public string File { get; init; } = "";

        /// <summary>SHA-256 of the file.</summary>
        [Option("SHA-256 of the file, in lower-case hex, so that each silo has the same; "
            + "filled in when the experiment file is read.", Max = 64)]
        public string Sha256 { get; init; } = "";

        /// <summary>The column that a model is to predict.</summary>
        [Option("The column that a model is to predict: its name, or its number from 1 where there is no header.",
            Max = 200)]
        public string Target { get; init; } = "";

        /// <summary>Whether the target is a class or a number.</summary>
        [Option("Whether the target is a class or a number; filled in when the experiment file is read: "
            + "class where the column holds text. Say class where classes are numbers.", Values = ["", Class, Number])]
        public string Kind { get; init; } = "";

        /// <summary>The column that says whose a row is.</summary>
        [Option("The column that says whose a row is (a user, a hospital, a speaker), for the partitioner natural; "
            + "models are not given it.", Max = 200)]
        public string User { get; init; } = "";

        /// <summary>The columns that a model is given.</summary>
        [Option("The columns that a model is given, by name; empty = all but target and user.")]
        public EquatableList<string> Columns { get; init; } = [];

        /// <summary>Whether the first line names the columns.</summary>
        [Option("Whether the first line names the columns.")]
        public bool Header { get; init; } = true;

        /// <summary>What is between two fields.</summary>
        [Option("What is between two fields.", Values = [Comma, Semicolon, Tab])]
        public string Separator { get; init; } = Comma;

        /// <summary>What becomes of rows without a value in a column that is used.</summary>
        [Option("What becomes of a file with rows that lack a value in a column that is used.",
            Values = [Refuse, LeaveOut])]
        public string Missing { get; init; } = Refuse;

        /// <summary>What stands where there is no value.</summary>
        [Option("What stands in the file where there is no value, besides nothing.")]
        public EquatableList<string> MissingValues { get; init; } = ["?", "NA"];

        /// <summary>Share of the rows that models are tested on.</summary>
        [Option("Share of the rows that models are tested on, and not trained on.",
            Min = 0, Max = 1, AboveMin = true, BelowMax = true)]
        public double TestFraction { get; init; } = 0.2;

        /// <summary>Whether columns are brought to mean 0 and standard deviation 1.</summary>
        [Option("Whether each column of numbers, the target too, is brought to mean 0 and standard deviation 1, "
            + "as of the training part. Errors are reported in the target's own unit.")]
        public bool Standardize { get; init; } = true;

        /// <inheritdoc/>
        public object Read(string folder)
        {
            if (File.Length == 0) return this;
            var path = Path.GetFullPath(Path.Combine(folder, File));
            var found = this with { File = path, Sha256 = Sha256.Length > 0 ? Sha256 : CsvFile.Hash(path) };
            return Kind.Length > 0 || Target.Length == 0 ? found : found with { Kind = KindOf(found) };
        }

        private static string KindOf(Options options)
        {
            var file = Open(options);
            var place = file.Columns.ToList().IndexOf(options.Target);
            if (place < 0) return ""; // what loads the data says so, with the names that there are
            return file.Read([(place, false)], options.MissingValues, leavesOut: true) is [{ Count: > 0, IsText: true }]
                ? Class : Number;
        }
    }
}
