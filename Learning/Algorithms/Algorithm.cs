namespace Orleans.FL.Learning.Algorithms;
/// <summary>a</summary>
public abstract class Algorithm;
