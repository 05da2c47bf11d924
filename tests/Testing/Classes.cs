using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL;

/// <summary>The task of most tests.</summary>
public static class Classes
{
    /// <summary>Image classification.</summary>
    public static LearningTask Task { get; } = new Classification();

    /// <summary>The outputs of a model that distinguishes some classes.</summary>
    /// <param name="count">How many.</param>
    public static TaskOutputs Of(int count) => new(Task, count);

    /// <summary>Sums of a classification.</summary>
    public static MetricSums Sums(long samples, long correct, Int128 lossFixed, long notFinite) =>
        new(samples, notFinite, lossFixed, correct);
}

/// <summary>What tests of classification ask of sums.</summary>
public static class ClassificationSums
{
    extension(MetricSums sums)
    {
        /// <summary>Samples that were labelled right.</summary>
        public long Correct => (long)sums[0];

        /// <summary>Their share.</summary>
        public double Accuracy => Classes.Task.Main.Of(sums);
    }
}

/// <summary>What tests of classification ask of a round.</summary>
public static class ClassificationReport
{
    extension(RoundReport report)
    {
        /// <summary>Accuracy on the shared test samples.</summary>
        public Spread TestAccuracy => report.Test(Classes.Task.Main);

        /// <summary>Accuracy on each node's own test samples.</summary>
        public Spread LocalTestAccuracy => report.LocalTest(Classes.Task.Main);
    }
}

/// <summary>What tests of images ask of data.</summary>
public static class ImagePart
{
    extension(DataPart part)
    {
        /// <summary>Class of each sample.</summary>
        public int[] Labels => ((ImageSet)part).Labels;

        /// <summary>Pixels of all images.</summary>
        public byte[] Pixels => ((ImageSet)part).Pixels;

        /// <summary>Pixels of one image.</summary>
        public ReadOnlySpan<byte> Image(int index) => ((ImageSet)part).Image(index);
    }
}
