namespace ClusterBench.Faults;

/// <summary>Every point at which a fault can be scripted. A point that is not listed here is refused when faults are armed.</summary>
public static class FaultPoints
{
    /// <summary>Worker: it has taken a shard and not yet begun to compute it.</summary>
    public const string ShardStart = "shard.start";
    /// <summary>Worker: half of a shard's batches are computed.</summary>
    public const string ShardMiddle = "shard.middle";
    /// <summary>Worker: a shard is computed and nothing of it is in the store.</summary>
    public const string ShardBeforeStore = "shard.before-store";
    /// <summary>Worker: a result lies in its temporary file and not yet under its name.</summary>
    public const string ShardBetweenWriteAndRename = "shard.between-write-and-rename";
    /// <summary>Worker: the result is under its name and nobody has been told.</summary>
    public const string ShardBeforeReport = "shard.before-report";
    /// <summary>Coordinator: a run was taken into the queue and its entity not yet told.</summary>
    public const string RunAfterQueued = "run.after-queued";
    /// <summary>Coordinator: the plan is in the journal and no shard has been handed out.</summary>
    public const string RunAfterPlan = "run.after-plan";
    /// <summary>Coordinator: a shard's result has arrived and is not yet in the journal.</summary>
    public const string ShardBeforePersist = "shard.before-persist";
    /// <summary>Coordinator: a shard's result is in the journal and not yet acknowledged.</summary>
    public const string ShardAfterPersist = "shard.after-persist";
    /// <summary>Coordinator: the last result is in the journal and RunCompleted is not.</summary>
    public const string RunBeforeCompleted = "run.before-completed";
    /// <summary>Coordinator: RunCompleted is in the journal and results.json is not written.</summary>
    public const string RunBeforeResults = "run.before-results";
    /// <summary>Worker: the gradients of a training step are computed and not yet reduced; nothing has changed.</summary>
    public const string StepMiddle = "step.middle";
    /// <summary>Worker: a checkpoint lies in its temporary file and not yet under its name.</summary>
    public const string CheckpointBetweenWriteAndRename = "checkpoint.between-write-and-rename";
    /// <summary>Coordinator: a checkpoint is reported and not yet in the journal.</summary>
    public const string CheckpointBeforePersist = "checkpoint.before-persist";
    /// <summary>Worker: it has started and not yet registered.</summary>
    public const string WorkerStart = "worker.start";

    /// <summary>Worker: the sums of its sub-trees are on their way to the peers, and nothing of the mean is.</summary>
    public const string StepMidReduce = "step.mid-reduce";

    /// <summary>Worker: the mean of the gradients is there and nothing of the state has changed.</summary>
    public const string StepBeforeApply = "step.before-apply";
    /// <summary>Worker: a checkpoint is due and nothing of it is written.</summary>
    public const string CheckpointStart = "checkpoint.start";
    /// <summary>Worker: a checkpoint is under its name and nobody has been told.</summary>
    public const string CheckpointBeforeReport = "checkpoint.before-report";
    /// <summary>Worker: it is ready for a generation and nobody has been told.</summary>
    public const string GangPrepared = "gang.prepared";
    /// <summary>Worker: an epoch is done and evaluated, and nobody has been told.</summary>
    public const string EpochBeforeReport = "epoch.before-report";

    public static readonly IReadOnlyList<string> All =
    [
        ShardStart, ShardMiddle, ShardBeforeStore, ShardBetweenWriteAndRename, ShardBeforeReport, RunAfterQueued, RunAfterPlan,
        ShardBeforePersist, ShardAfterPersist, RunBeforeCompleted, RunBeforeResults, WorkerStart, StepMiddle, StepMidReduce,
        CheckpointBetweenWriteAndRename, CheckpointBeforePersist, StepBeforeApply, CheckpointStart, CheckpointBeforeReport, GangPrepared,
        EpochBeforeReport,
    ];
}
