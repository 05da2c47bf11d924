using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;

namespace Orleans.FL.Grains.Nodes;

/// <summary>
/// Split sessions with another node: each step runs on a lane, and none is held while the other side is at work.
/// </summary>
internal sealed partial class NodeGrain
{
    /// <summary>Sessions with the node of a row; if either side fails, the states of both are as before.</summary>
    private async Task<PhaseReport> RunSplitSessions(
        Learner me, RunContext context, StepOrder order, int exchange, int other, CancellationToken cancellation)
    {
        var link = new PeerLink(published, reader, AddressOf(order, exchange), other,
            Routes.Between(context.SiloOf(other), inventory.Here));
        SplitSessionReport report;
        try
        {
            report = await SplitSession.Run(me.JoinSession(order.Round, exchange, other), link,
                line => lanes.Run(Run, LaneWork.Train, (_, _) => line(), DeviceOf(context.Plan, Rank), cancellation),
                cancellation);
            me.Conclude(report.SplitOutcome);
        }
        catch (Exception e)
        {
            link.BreakOff(e);
            throw;
        }
        var outcome = report.SplitOutcome;
        return new PhaseReport(Training: outcome.Training.ToNumbers(), Validation: outcome.Validation.ToNumbers(),
            Test: outcome.Test.ToNumbers(), LocalTest: outcome.LocalTest.ToNumbers(), SentBytes: report.SentBytes,
            ReceivedBytes: report.ReceivedBytes, WireBytes: link.WireBytes,
            Steps: outcome.Steps, TrainSeconds: report.Seconds);
    }

    /// <summary>Publishes messages on this silo, and reads those of the other node.</summary>
    private sealed class PeerLink(
        PublishedUpdates published, UpdateReader reader, UpdateAddress me, int other, Route route) : ISplitChannel
    {
        public long WireBytes { get; private set; }

        public void Send(int index, ParameterVector message) => published.Send(me with { Message = index }, message);

        public async Task<ParameterVector> Receive(int index, int length, CancellationToken cancellation)
        {
            var (message, bytes) = await reader.Receive(
                me with { Node = other, Message = index }, length, route, cancellation);
            WireBytes += bytes;
            return message;
        }

        public void BreakOff(Exception e) => published.BreakOff(me, Failures.Sentence(e));
    }
}
