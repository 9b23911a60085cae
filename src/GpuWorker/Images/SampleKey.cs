namespace ClusterBench.GpuWorker.Images;

/// <summary>
/// Whose random numbers a picture's random transforms take: with the place of the transform in the pipeline this is all that they
/// depend on, so a sample looks the same on whatever worker and thread it is prepared.
/// </summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Epoch">From 0.</param>
/// <param name="Index">The sample's place in the list.</param>
public readonly record struct SampleKey(int Seed, int Epoch, int Index);
