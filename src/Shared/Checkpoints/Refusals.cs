namespace ClusterBench.Checkpoints;

/// <summary>Makes the errors of one file, so that code deep inside needs no path of its own.</summary>
internal sealed record Refusals(string File)
{
    public CheckpointException Because(CheckpointFault fault, string what, string? remedy = null) => new(File, fault, what, remedy);
}
