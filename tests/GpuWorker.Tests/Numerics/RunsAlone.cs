namespace ClusterBench.Tests.Numerics;

/// <summary>Tests that no other test may run beside: they count what the whole process holds, or make kernels themselves.</summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public sealed class RunsAlone;
