using ClusterBench.Faults;
using ClusterBench.Protocol;
using ClusterBench.Runs;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>Does the work of each kind of shard; keeps the session of the last run for its next shard.</summary>
internal sealed class ShardExecutor(WorkerSettings settings, WorkerCard card) : IShardExecutor
{
    private RunSession? session;

    /// <inheritdoc />
    public ShardDone Execute(RunShard message, Action<long, long> progress, CancellationToken cancel)
    {
        Fault.Point(FaultPoints.ShardStart);
        var shard = message.Plan is null
            ? ShardPlanner.Prepare
            : ShardPlanner.Shards(message.Submission.Benchmark, message.Plan).Single(s => s.Id == message.Shard);
        var context = new ShardContext(SessionOf(message.Submission), settings, shard, message, progress, cancel);
        var done = shard.Kind switch
        {
            "prepare" => new ShardDone { Plan = context.Session.Config.Training is null ? PrepareShard.Run(context, card) : PrepareTraining.Run(context, card) },
            "extract" => new ShardDone { Result = ExtractShard.Run(context) },
            "topk" => new ShardDone { Result = TopKShard.Run(context) },
            "merge" => new ShardDone { Result = MergeShard.Run(context) },
            _ => new ShardDone { Result = AssembleShard.Run(context) },
        };
        Fault.Point(FaultPoints.ShardBeforeReport);
        return done;
    }

    /// <inheritdoc />
    public void Dispose() => session?.Dispose();

    private RunSession SessionOf(SubmissionData submission)
    {
        if (session?.Submission.Run != submission.Run || session.Submission.Hash != submission.Hash)
        {
            session?.Dispose();
            session = null;
            session = new RunSession(submission, settings);
        }

        return session;
    }
}
