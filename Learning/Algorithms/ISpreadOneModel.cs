namespace Orleans.FL.Learning.Algorithms;

/// <summary>An algorithm whose server spreads the one model that the run is about, though its nodes keep models beside
/// it: a round's test is that of the server's. Where nodes keep no model this is so anyway, and else the test is the
/// mean over the nodes, each with a model of its own.</summary>
public interface ISpreadOneModel;
