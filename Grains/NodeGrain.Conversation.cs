using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Runs;
using Orleans.FL.Learning;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training;

namespace Orleans.FL.Grains;

/// <summary>Conversations with another node: a lane for each line, none while the other side has the word.</summary>
internal sealed partial class NodeGrain
{
    /// <summary>Talks with the node of a row; if either side fails, the states of both are as before.</summary>
    private async Task<PhaseReport> Converse(
        Learner me, RunContext context, StepOrder order, int exchange, int other, CancellationToken cancellation)
    {
        var link = new PeerLink(published, reader, Run, Rank, other, context.SiloOf(other) == inventory.Here, new ReadRequest(order.Round, exchange, 0, 0, order.Epoch));
        ConversationReport report;
        try
        {
            report = await Conversation.Run(me.Speak(order.Round, exchange, other), link,
                line => lanes.Run(Run, LaneWork.Train, (_, _) => line(), DeviceOf(context.Plan, Rank), cancellation), cancellation);
            me.Conclude(report.Spoken);
        }
        catch (Exception e)
        {
            link.BreakOff(e);
            throw;
        }
        var spoken = report.Spoken;
        return new PhaseReport(Training: spoken.Training.ToSums(), Validation: spoken.Validation.ToSums(), Test: spoken.Test.ToSums(),
            LocalTest: spoken.LocalTest.ToSums(), SentBytes: report.SentBytes, ReceivedBytes: report.ReceivedBytes, WireBytes: link.WireBytes,
            Steps: spoken.Steps, TrainSeconds: report.Seconds);
    }

    /// <summary>Says on this silo's shelf, and hears from the other node's.</summary>
    private sealed class PeerLink(PublishedUpdates published, UpdateReader reader, string run, int me, int other, bool here, ReadRequest talk) : IConversationLink
    {
        public long WireBytes { get; private set; }

        public void Say(int index, ParameterVector message) => published.Say(run, me, talk with { Message = index }, message);

        public async Task<ParameterVector> Hear(int index, int length, CancellationToken cancellation)
        {
            var (message, bytes) = await reader.Hear(run, other, talk with { Message = index }, length, here, cancellation);
            WireBytes += bytes;
            return message;
        }

        public void BreakOff(Exception e) => published.BreakOff(run, me, talk, Failures.Sentence(e));
    }
}
