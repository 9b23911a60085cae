namespace ClusterBench.Configs;

/// <summary>Finds the file that a name of a config means, and says what else was tried.</summary>
public static class ConfigPaths
{
    /// <summary>
    /// A config's file: <paramref name="path"/> as it is, else below <paramref name="root"/> when it is relative. <c>x.py</c> that is
    /// absent while <c>x.yaml</c> is there means the latter.
    /// </summary>
    /// <param name="at">Who names the file, for the error.</param>
    /// <returns>The path to open, or null with an error.</returns>
    internal static string? Find(string path, string? root, ConfigPosition at, string key, ConfigErrors errors, List<string> notes)
    {
        var candidates = new List<string> { path };
        if (root is not null && !Path.IsPathRooted(path))
        {
            candidates.Add(Path.Combine(root, path));
        }
        foreach (var candidate in candidates)
        {
            if (File.Exists(candidate))
            {
                if (!candidate.EndsWith(".py", StringComparison.Ordinal))
                {
                    return candidate;
                }
                errors.Add(at, key, $"'{path}' is a Python config; only YAML configs are read: write it as '{Path.ChangeExtension(Path.GetFileName(path), ".yaml")}' (docs/configs.md shows how)");
                return null;
            }
            var yaml = Path.ChangeExtension(candidate, ".yaml");
            if (candidate.EndsWith(".py", StringComparison.Ordinal) && File.Exists(yaml))
            {
                notes.Add($"{path} is not there; {Shown(yaml)} is taken");
                return yaml;
            }
        }
        errors.Add(at, key, Directory.Exists(path)
            ? $"'{path}' is a folder; name a config file in it"
            : $"there is no file '{path}'{(candidates.Count > 1 && Path.GetFullPath(candidates[1]) != Path.GetFullPath(path) ? $" (nor '{candidates[1]}')" : "")}");
        return null;
    }

    /// <summary>A path as a user reads it best: relative when it lies below the current directory.</summary>
    internal static string Shown(string path)
    {
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? Path.GetFullPath(path) : relative;
    }

    /// <summary>The absolute path of data that a config names: below the current directory if it is there, else below the root.</summary>
    internal static string Data(string path, string root)
    {
        var here = Path.GetFullPath(path);
        var there = Path.GetFullPath(path, Path.GetFullPath(root));
        return !Path.Exists(here) && Path.Exists(there) ? there : here;
    }
}
