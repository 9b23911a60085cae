namespace ClusterBench.Cli.Calls;

/// <summary>Words as a POSIX shell takes them.</summary>
internal static class ShellWords
{
    /// <summary>The word itself if nothing in it means anything to a shell, else in single quotes.</summary>
    public static string Quote(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=:,@%+".Contains(c, StringComparison.Ordinal))
        ? word : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
