using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL;

/// <summary>The task of most tests, and what they ask of its data and sums.</summary>
public static class Classes
{
    /// <summary>Image classification.</summary>
    public static LearningTask Task { get; } = new Classification();

    /// <summary>The outputs of a model that tells some classes apart.</summary>
    /// <param name="count">How many.</param>
    public static TaskOutputs Of(int count) => new(Task, count);

    /// <summary>Sums of a classification.</summary>
    public static MetricSums Sums(long samples, long correct, Int128 lossFixed, long notFinite) => new(samples, notFinite, lossFixed, correct);

    extension(MetricSums sums)
    {
        /// <summary>Samples that were labelled right.</summary>
        public long Correct => (long)sums[0];

        /// <summary>Their share.</summary>
        public double Accuracy => Task.Main.Of(sums);
    }

    extension(RoundReport report)
    {
        /// <summary>Accuracy on the shared test samples.</summary>
        public Spread TestAccuracy => report.Test(Task.Main);

        /// <summary>Accuracy on each node's own test samples.</summary>
        public Spread LocalTestAccuracy => report.LocalTest(Task.Main);
    }

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
