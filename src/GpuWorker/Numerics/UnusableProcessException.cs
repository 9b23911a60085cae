namespace ClusterBench.GpuWorker.Numerics;

/// <summary>This process must compute nothing more: it ends, and another one takes its work up.</summary>
public abstract class UnusableProcessException(string message, Exception? inner = null) : Exception(message, inner);
