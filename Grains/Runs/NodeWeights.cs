using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Runs;

/// <summary>Reads the weights of nodes for the run folder.</summary>
/// <param name="data">The run.</param>
/// <param name="reader">Reads what nodes publish.</param>
/// <param name="log">Logs nodes that are lost.</param>
internal sealed partial class NodeWeights(RunData data, UpdateReader reader, ILogger log)
{
    /// <summary>A node's weights; null if it is lost.</summary>
    /// <param name="node">Its rank.</param>
    /// <param name="rounds">Rounds after which they are; null for the best ones.</param>
    /// <param name="shared">Whether the model that it shares is asked for, not the one that it tests.</param>
    public async Task<ParameterVector?> Collect(int node, int? rounds, bool shared)
    {
        try
        {
            var model = rounds is { } done
                ? UpdateAddress.ModelAfter(data.Run, data.Epoch, node, done)
                : UpdateAddress.BestModel(data.Run, data.Epoch, node);
            var format = NodeModel.Format(data.Plan.Layout);
            var update = (await reader.Get(model, format, CancellationToken.None)).Update;
            return shared ? NodeModel.ToAdopt(update) : update.Weights;
        }
        catch (Exception e)
        {
            NoWeightsOf(log, e, data.Run, node);
            return null;
        }
    }

    [LoggerMessage(10, LogLevel.Warning, "Run {Run}: node {Node} is lost, and its weights with it.")]
    private static partial void NoWeightsOf(ILogger logger, Exception e, string run, int node);
}
