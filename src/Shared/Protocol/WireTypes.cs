using System.Collections.Frozen;
using System.Runtime.Serialization;
using Google.Protobuf;

namespace ClusterBench.Protocol;

/// <summary>Manifest and parser of every message that may cross the wire or enter the journal.</summary>
public static class WireTypes
{
    /// <summary>Version of the messages between nodes; a worker of another version is refused with both versions named.</summary>
    public const int ProtocolVersion = 1;

    private static readonly (string Manifest, Type Type, MessageParser Parser)[] Table =
    [
        // The journal: manifests are for ever.
        Entry("run-queued/1", RunQueued.Parser), Entry("run-closed/1", RunClosed.Parser), Entry("run-reopened/1", RunReopened.Parser),
        Entry("run-accepted/1", RunAccepted.Parser), Entry("plan-made/1", PlanMade.Parser), Entry("shard-completed/1", ShardCompleted.Parser),
        Entry("shard-failed/1", ShardFailed.Parser), Entry("run-interrupted/1", RunInterrupted.Parser), Entry("run-resumed/1", RunResumed.Parser),
        Entry("run-completed/1", RunCompleted.Parser), Entry("run-failed/1", RunFailed.Parser), Entry("run-canceled/1", RunCanceled.Parser),
        Entry("gang-formed/1", GangFormed.Parser), Entry("gang-started/1", GangStarted.Parser),
        Entry("checkpoint-written/1", CheckpointWritten.Parser), Entry("epoch-completed/1", EpochCompleted.Parser),
        Entry("run-snapshot/1", RunSnapshot.Parser), Entry("coordinator-snapshot/1", CoordinatorSnapshot.Parser),
        // Between nodes.
        Entry("worker-hello/1", WorkerHello.Parser), Entry("worker-welcome/1", WorkerWelcome.Parser), Entry("worker-refused/1", WorkerRefused.Parser),
        Entry("shard-done/1", ShardDone.Parser), Entry("shard-error/1", ShardError.Parser), Entry("shard-progress/1", ShardProgress.Parser),
        Entry("run-shard/1", RunShard.Parser), Entry("shard-ack/1", ShardAck.Parser), Entry("abandon-run/1", AbandonRun.Parser),
        Entry("prepare-gang/1", PrepareGang.Parser), Entry("start-gang/1", StartGang.Parser), Entry("abort-gang/1", AbortGang.Parser), Entry("stop-gang/1", StopGang.Parser),
        Entry("gang-report/1", GangReport.Parser), Entry("epoch-done/1", EpochDone.Parser), Entry("epoch-ack/1", EpochAck.Parser),
        Entry("checkpoint-done/1", CheckpointDone.Parser), Entry("checkpoint-ack/1", CheckpointAck.Parser),
        Entry("accept-run/1", AcceptRun.Parser), Entry("run-accepted-ack/1", RunAcceptedAck.Parser),
        Entry("run-wants/1", RunWants.Parser), Entry("no-fit-worker/1", NoFitWorker.Parser), Entry("worker-lent/1", WorkerLent.Parser), Entry("worker-gone/1", WorkerGone.Parser),
        Entry("worker-returned/1", WorkerReturned.Parser), Entry("run-ended/1", RunEnded.Parser), Entry("run-ended-ack/1", RunEndedAck.Parser),
        Entry("submit-run/1", SubmitRun.Parser), Entry("cancel-run/1", CancelRun.Parser), Entry("resume-run/1", ResumeRun.Parser),
        Entry("command-reply/1", CommandReply.Parser), Entry("get-run/1", GetRun.Parser),
        Entry("run-status/1", RunStatus.Parser), Entry("get-runs/1", GetRuns.Parser), Entry("run-list/1", RunList.Parser),
        Entry("get-workers/1", GetWorkers.Parser), Entry("worker-list/1", WorkerList.Parser),
    ];

    private static readonly FrozenDictionary<Type, string> ByType = Table.ToFrozenDictionary(t => t.Type, t => t.Manifest);
    private static readonly FrozenDictionary<string, MessageParser> ByManifest =
        Table.ToFrozenDictionary(t => t.Manifest, t => t.Parser, StringComparer.Ordinal);

    /// <summary>Every registered type.</summary>
    public static IEnumerable<Type> All => ByType.Keys;

    /// <summary>The manifest of a type, null when it has none.</summary>
    public static string? ManifestOf(Type type) => ByType.GetValueOrDefault(type);

    /// <summary>Reads a message.</summary>
    /// <exception cref="SerializationException">The manifest is unknown or the bytes are not such a message.</exception>
    public static IMessage Parse(string manifest, byte[] bytes)
    {
        if (!ByManifest.TryGetValue(manifest, out var parser))
        {
            throw new SerializationException($"'{manifest}' is no message of this version of ClusterBench.");
        }

        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new SerializationException($"damaged message '{manifest}': {e.Message}", e);
        }
    }

    private static (string, Type, MessageParser) Entry<T>(string manifest, MessageParser<T> parser)
        where T : IMessage<T> => (manifest, typeof(T), parser);
}
