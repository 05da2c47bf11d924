namespace Orleans.FL.Learning.Datasets;
/// <summary>t</summary>
public sealed class DatasetLocator;
