using ClusterBench.Cli.Parts;

namespace ClusterBench.Cli.Calls;

/// <summary>Everything that a call sees of the world around it; tests put their own in its place.</summary>
internal sealed record Surroundings
{
    /// <summary>Results only.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Progress, notes and errors.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether <see cref="Error"/> is a terminal that understands cursor movement.</summary>
    public required bool ErrorIsTerminal { get; init; }

    /// <summary>An environment variable's text, or null.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>Where relative paths start.</summary>
    public required string Directory { get; init; }

    public required TimeProvider Time { get; init; }

    public required PartSet Parts { get; init; }

    public static Surroundings OfProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        ErrorIsTerminal = !Console.IsErrorRedirected && System.Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } term && term != "dumb",
        Environment = System.Environment.GetEnvironmentVariable,
        Directory = System.Environment.CurrentDirectory,
        Time = TimeProvider.System,
        Parts = PartSet.OfProgram(),
    };

    /// <summary>A path as the user typed it, made absolute.</summary>
    public string FullPath(string path) => Path.GetFullPath(path, Directory);

    /// <summary>A path for people: relative where it lies below the current folder.</summary>
    public string ShownPath(string path)
    {
        string relative = Path.GetRelativePath(Directory, path);
        return relative == ".." || relative.StartsWith("../", StringComparison.Ordinal) ? path : relative;
    }

    /// <summary>Whether the user wants to see stack traces.</summary>
    public bool Debug => Environment("CLUSTERBENCH_DEBUG") is "1" or "true";

    /// <summary>
    /// The folder with <c>configs/</c> and <c>samples/</c>: <c>CLUSTERBENCH_ROOT</c>, else the nearest one above the program.
    /// </summary>
    public string ProgramRoot()
    {
        if (Environment("CLUSTERBENCH_ROOT") is { Length: > 0 } root)
            return IsRoot(root) ? Path.GetFullPath(root)
                : throw new UserErrorException($"CLUSTERBENCH_ROOT is {root}, which holds no configs/ and samples/. Unset it, or set it to the folder of ClusterBench.");
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (IsRoot(folder.FullName))
                return folder.FullName;
        }
        throw new UserErrorException($"No folder with configs/ and samples/ lies above the program ({AppContext.BaseDirectory}). "
            + "Set CLUSTERBENCH_ROOT to the folder of ClusterBench.");
    }

    private static bool IsRoot(string folder) =>
        System.IO.Directory.Exists(Path.Combine(folder, "configs")) && System.IO.Directory.Exists(Path.Combine(folder, "samples"));
}
