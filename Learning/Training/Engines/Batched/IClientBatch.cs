namespace Orleans.FL.Learning.Training.Engines.Batched;

/// <summary>
/// Jobs that a lane does side by side, each on a thread of its own that stands still while others go on.
/// </summary>
internal interface IClientBatch
{
    /// <summary>Waits, on the job's thread, until a job has been trained along with those of the others.</summary>
    /// <param name="client">The job.</param>
    void Await(BatchedClient client);
}
