namespace Orleans.FL.Learning.Algorithms;

/// <summary>An algorithm whose server keeps something from round to round: it goes to the next server with the role,
/// and to new members as far as it is sent.</summary>
public interface IKeepServerState
{
    /// <summary>Names, in the memory, of what a node keeps as the server: the next server takes it over. What the
    /// server's broadcast carries goes to it anyway.</summary>
    IReadOnlyList<string> ServerMemory => [];

    /// <summary>What the server keeps as a mean over all members: those that leave are taken out of it, new ones come
    /// in with zeros; null if it keeps none.</summary>
    MemberMean? MeanOfMembers => null;
}
