namespace ClusterBench.Cli.Runs;

/// <summary>Which file <c>--epoch N</c> means (design, section 3).</summary>
internal static class EpochRule
{
    /// <summary>
    /// <c>epoch_N.pth</c> in <paramref name="selfsupWorkDir"/>, else in the config's <c>work_dir</c>, else where upstream's training
    /// writes: the config's path without extension, <c>configs</c> replaced by <c>work_dirs</c>. Relative to the current folder.
    /// </summary>
    public static string Checkpoint(int epoch, string config, string? selfsupWorkDir, string? configWorkDir) =>
        Path.Combine(selfsupWorkDir ?? configWorkDir ?? Upstream(config), FormattableString.Invariant($"epoch_{epoch}.pth"));

    private static string Upstream(string config) =>
        Path.ChangeExtension(config, null).Replace("configs", "work_dirs", StringComparison.Ordinal);
}
