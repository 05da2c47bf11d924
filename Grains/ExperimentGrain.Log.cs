using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains;

/// <summary>What the silo's log hears of a run.</summary>
internal sealed partial class ExperimentGrain
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Run {Run}, round {Round}: node {Node} is absent ({Phase}): {Reason}")]
        public static partial void Absent(ILogger logger, string run, int round, int node, string phase, string reason);

        [LoggerMessage(2, LogLevel.Error, "Run {Run} is lost after round {Round}.")]
        public static partial void Lost(ILogger logger, Exception e, string run, int round);

        [LoggerMessage(3, LogLevel.Error, "Run {Run}: its weights could not be written.")]
        public static partial void NoWeights(ILogger logger, Exception e, string run);

        [LoggerMessage(4, LogLevel.Warning, "Run {Run}: its nodes could not be told to leave.")]
        public static partial void NotReleased(ILogger logger, Exception e, string run);

        [LoggerMessage(5, LogLevel.Information, "Run {Run} begins: {Nodes} nodes, {Rounds} rounds, recorded in {Folder}.")]
        public static partial void Started(ILogger logger, string run, int nodes, int rounds, string folder);

        [LoggerMessage(6, LogLevel.Information,
            "Run {Run}, round {Round} of {Rounds}: train loss {Loss:F4}, test {Metric} {Tested:F4}, {Seconds:F1} s, {Present} nodes.")]
        public static partial void Done(
            ILogger logger, string run, int round, int rounds, double loss, string metric, double tested, double seconds, int present);

        [LoggerMessage(7, LogLevel.Information, "Run {Run} {State} after {Round} of {Rounds} rounds. {Reason}")]
        public static partial void Ended(ILogger logger, string run, RunState state, int round, int rounds, string reason);

        [LoggerMessage(8, LogLevel.Warning, "Run {Run}: something could not be recorded.")]
        public static partial void NotRecorded(ILogger logger, Exception e, string run);

        [LoggerMessage(9, LogLevel.Warning, "Run {Run}: the registry could not be told how it stands.")]
        public static partial void NotReported(ILogger logger, Exception e, string run);

        [LoggerMessage(10, LogLevel.Warning, "Run {Run}: node {Node} is lost, and its weights with it.")]
        public static partial void NoWeightsOf(ILogger logger, Exception e, string run, int node);

        [LoggerMessage(11, LogLevel.Warning,
            "Run {Run}: seats were lost after round {Round}; going on from the checkpoint after round {Kept}. {Reason}")]
        public static partial void SeatsLost(ILogger logger, string run, int round, int kept, string reason);

        [LoggerMessage(12, LogLevel.Warning, "Run {Run} cannot be seated yet: {Reason}")]
        public static partial void NotSeated(ILogger logger, string run, string reason);

        [LoggerMessage(13, LogLevel.Warning, "Run {Run}: silo {Silo} cannot take part. {Reason}")]
        public static partial void Unfit(ILogger logger, string run, string silo, string reason);

        [LoggerMessage(14, LogLevel.Information, "Run {Run}, epoch {Epoch}: {Nodes} nodes sit on {Silos} silo(s), after round {Round}.")]
        public static partial void Seated(ILogger logger, string run, long epoch, int nodes, int silos, int round);

        [LoggerMessage(15, LogLevel.Warning, "Run {Run}: a checkpoint was refused, the one before it is used. {Reason}")]
        public static partial void CheckpointRefused(ILogger logger, string run, string reason);

        [LoggerMessage(16, LogLevel.Warning, "Run {Run}: no checkpoint after round {Round}; that after round {Kept} stays the last. {Reason}")]
        public static partial void NoCheckpoint(ILogger logger, string run, int round, int kept, string reason);

        [LoggerMessage(17, LogLevel.Warning, "Run {Run} goes on elsewhere; epoch {Epoch} is over here. {Reason}")]
        public static partial void Replaced(ILogger logger, string run, long epoch, string reason);

        [LoggerMessage(18, LogLevel.Information, "Run {Run} is held after {Round} of {Rounds} rounds and goes on when a silo is there. {Reason}")]
        public static partial void Suspended(ILogger logger, string run, int round, int rounds, string reason);

        [LoggerMessage(19, LogLevel.Error, "Run {Run}, round {Round}, done again, gave other numbers at node {Node}: the machines do not compute alike.")]
        public static partial void Differs(ILogger logger, string run, int round, int node);

        [LoggerMessage(20, LogLevel.Error, "Run {Run}: its end could not be written.")]
        public static partial void NotEnded(ILogger logger, Exception e, string run);

        [LoggerMessage(21, LogLevel.Warning, "Run {Run} waits for {Store}.")]
        public static partial void Waiting(ILogger logger, string run, string store);

        [LoggerMessage(22, LogLevel.Information, "Run {Run} waits for {Store} no longer.")]
        public static partial void WaitedLong(ILogger logger, string run, string store);

        [LoggerMessage(23, LogLevel.Debug, "Run {Run}: an answer did not come in time and is asked for again. {Reason}")]
        public static partial void AskedAgain(ILogger logger, string run, string reason);
    }
}
