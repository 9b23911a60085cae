using Akka.Cluster.Sharding;
using ClusterBench.Protocol;

namespace ClusterBench.Cluster;

/// <summary>Finds the run that a message is for; all runs live on the coordinator that holds the journal's lease.</summary>
public sealed class RunMessageExtractor() : HashCodeMessageExtractor(maxNumberOfShards: 20)
{
    /// <summary>Name of the shard region.</summary>
    public const string TypeName = "run";

    /// <inheritdoc />
    public override string? EntityId(object message) => message switch
    {
        AcceptRun m => m.Submission.Run,
        WorkerLent m => m.Run,
        WorkerGone m => m.Run,
        NoFitWorker m => m.Run,
        ShardDone m => m.Run,
        ShardError m => m.Run,
        ShardProgress m => m.Run,
        GangReport m => m.Run,
        EpochDone m => m.Run,
        CheckpointDone m => m.Run,
        CancelRun m => m.Run,
        ResumeRun m => m.Run,
        RunEndedAck m => m.Run,
        GetRun m => m.Run,
        _ => null,
    };
}
