using ClusterBench.Configs;

namespace ClusterBench.Cli.Verbs;

/// <summary>Files that the user names.</summary>
internal static class NamedFiles
{
    /// <summary>Refuses a name that is no file, and shows the nearest one beside it.</summary>
    /// <param name="what">How the user knows it: <c>CHECKPOINT</c>, <c>--pretrained</c>.</param>
    public static void RequireFile(string path, string what)
    {
        if (File.Exists(path))
            return;
        if (Directory.Exists(path))
            throw new UserErrorException($"{what}: {path} is a folder; name a file in it.");
        string folder = Path.GetDirectoryName(path) ?? "/";
        if (!Directory.Exists(folder))
            throw new UserErrorException($"{what}: there is no file {path}, and no folder {folder}.");
        string? near = NearestName.Of(Path.GetFileName(path), Directory.EnumerateFiles(folder).Take(1000).Select(file => Path.GetFileName(file)));
        throw new UserErrorException($"{what}: there is no file {path}{(near is null ? "." : $"; did you mean {Path.Combine(folder, near)}?")}");
    }
}
