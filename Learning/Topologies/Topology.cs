namespace Orleans.FL.Learning.Topologies;
/// <summary>t</summary>
public abstract class Topology;
