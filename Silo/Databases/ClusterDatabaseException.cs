namespace Orleans.FL.Silo.Databases;

/// <summary>
/// The cluster's database is not as it must be; the message is a sentence with the remedy and no secret.
/// </summary>
/// <param name="sentence">What is wrong and what to do.</param>
public sealed class ClusterDatabaseException(string sentence) : Exception(sentence);
