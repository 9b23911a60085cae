namespace ClusterBench.Runs;

/// <summary>Where a run stands in its own journal; <c>queued</c> and <c>waiting</c> are derived from it and from the workers at hand.</summary>
public enum RunPhase
{
    /// <summary>Nothing is in the journal.</summary>
    None,
    /// <summary>Accepted; the inputs are not checked and there is no plan.</summary>
    Preparing,
    /// <summary>Shards are being worked.</summary>
    Running,
    /// <summary>Stopped by its owner's end; <c>resume</c> goes on.</summary>
    Interrupted,
    Completed,
    Failed,
    Canceled,
}
