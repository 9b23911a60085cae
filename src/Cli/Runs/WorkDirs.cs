namespace ClusterBench.Cli.Runs;

/// <summary>The folder of a run that was given none (design, section 9).</summary>
internal static class WorkDirs
{
    /// <summary>
    /// <c>work_dirs/</c> + CONFIG without extension (a leading <c>configs/</c> dropped; a path outside the tree: its stem) + checkpoint's
    /// name without extension + benchmark + eight hex digits of the hash; absolute.
    /// </summary>
    /// <param name="directory">The current folder: where <c>work_dirs/</c> stands and relative paths start.</param>
    /// <param name="programRoot">The other folder that counts as "the tree".</param>
    public static string Default(string config, string checkpoint, string benchmark, string hash, string directory, string programRoot) =>
        Path.Combine(directory, Places.WorkDirs, ConfigPart(config, directory, programRoot), Path.GetFileNameWithoutExtension(checkpoint), benchmark, hash[..8]);

    private static string ConfigPart(string config, string directory, string programRoot)
    {
        string full = Path.GetFullPath(config, directory);
        foreach (string tree in (string[])[directory, programRoot])
        {
            string relative = Path.GetRelativePath(tree, full);
            if (Path.IsPathRooted(relative) || relative.StartsWith("..", StringComparison.Ordinal))
                continue;
            string bare = Path.ChangeExtension(relative, null);
            return bare.StartsWith("configs/", StringComparison.Ordinal) ? bare["configs/".Length..] : bare;
        }
        return Path.GetFileNameWithoutExtension(full);
    }
}
