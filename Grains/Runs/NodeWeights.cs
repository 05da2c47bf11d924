using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Phases;
using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Runs;

/// <summary>Reads the weights of nodes for the run folder.</summary>
/// <param name="data">The run.</param>
/// <param name="reader">Reads what nodes publish.</param>
/// <param name="log">Logs nodes that are lost.</param>
internal sealed partial class NodeWeights(RunData data, UpdateReader reader, ILogger log)
{
    /// <summary>A node's weights; null if they cannot be read.</summary>
    /// <param name="node">Its rank.</param>
    /// <param name="rounds">Rounds after which they are; null for the best ones.</param>
    /// <param name="shared">Whether the model that it shares is asked for, not the one that it tests.</param>
    /// <exception cref="SeatsLostException">Its silo is lost; on another one it would have them again.</exception>
    public async Task<ParameterVector?> Get(int node, int? rounds, bool shared)
    {
        try
        {
            return await Read(node, rounds, shared);
        }
        catch (Exception e) when (Failures.IsLoss(e) || e is TimeoutException)
        {
            throw new SeatsLostException($"Node {node} was lost: {Failures.Sentence(e)}");
        }
        catch (Exception e)
        {
            NoWeightsOf(log, e, data.Run, node);
            return null;
        }
    }

    /// <summary>A node's weights; null if it is lost, or they cannot be read.</summary>
    /// <param name="node">Its rank.</param>
    /// <param name="rounds">Rounds after which they are; null for the best ones.</param>
    /// <param name="shared">Whether the model that it shares is asked for, not the one that it tests.</param>
    public async Task<ParameterVector?> Find(int node, int? rounds, bool shared)
    {
        try
        {
            return await Get(node, rounds, shared);
        }
        catch (SeatsLostException e)
        {
            NoWeightsOf(log, e, data.Run, node);
            return null;
        }
    }

    private async Task<ParameterVector> Read(int node, int? rounds, bool shared)
    {
        var model = rounds is { } done
            ? UpdateAddress.ModelAfter(data.Run, data.Epoch, node, done)
            : UpdateAddress.BestModel(data.Run, data.Epoch, node);
        var format = NodeModel.Format(data.Plan.Layout);
        var update = (await reader.Get(model, format, CancellationToken.None)).Update;
        return shared ? NodeModel.ToAdopt(update) : update.Weights;
    }

    [LoggerMessage(10, LogLevel.Warning, "Run {Run}: node {Node} is lost, and its weights with it.")]
    private static partial void NoWeightsOf(ILogger logger, Exception e, string run, int node);
}
