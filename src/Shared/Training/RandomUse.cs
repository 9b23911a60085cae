namespace ClusterBench.Training;

/// <summary>
/// What random numbers are for; part of every key, so that two uses never share numbers. A value never changes its meaning: results
/// depend on it.
/// </summary>
public enum RandomUse
{
    /// <summary>The order of an epoch's samples: (epoch).</summary>
    EpochOrder = 1,

    /// <summary>A transform of an image: (epoch, sample index, position of the stage in the pipeline).</summary>
    Transform = 2,

    /// <summary>Initial weights: (index of the tensor).</summary>
    Initialization = 3,
}
