using System.Text;

namespace ClusterBench.Configs;

/// <summary>A config after its bases and options: the tree, every file that went into it, and what the user should know.</summary>
public sealed record LoadedConfig(string Path, ConfigMap Tree, IReadOnlyList<string> Files, IReadOnlyList<string> Notes);

/// <summary>Reads a YAML config with its <c>_base_</c> files and lays <c>--set</c> options over it.</summary>
public static class ConfigLoader
{
    public const string Base = "_base_";

    /// <summary>Bases of bases of bases ...: deeper chains are a mistake.</summary>
    public const int MaxBaseDepth = 32;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a config.</summary>
    /// <param name="path">As the user gave it.</param>
    /// <param name="programRoot">Where a relative path is looked for when it is not below the current directory.</param>
    /// <param name="sets"><c>key.path=value</c>, the last wins.</param>
    /// <param name="raw">Leave MMSelfSup's names as they are.</param>
    /// <exception cref="ConfigException">With every error found.</exception>
    public static LoadedConfig Load(string path, string? programRoot = null, IReadOnlyList<string>? sets = null, bool raw = false)
    {
        var errors = new ConfigErrors();
        var loaded = Load(path, ConfigPosition.Of(path), "", programRoot, ConfigSet.Parse(sets ?? [], errors), raw, errors);
        errors.ThrowIfAny();
        return loaded!;
    }

    /// <returns>Null when the file could not be read; what is wrong stands in <paramref name="errors"/>.</returns>
    internal static LoadedConfig? Load(
        string path, ConfigPosition namedAt, string key, string? programRoot, IReadOnlyList<ConfigSet> sets, bool raw, ConfigErrors errors)
    {
        var notes = new List<string>();
        if (ConfigPaths.Find(path, programRoot, namedAt, key, errors, notes) is not { } file)
        {
            return null;
        }
        var files = new List<string>();
        var tree = Read(file, [], raw, files, notes, errors);
        foreach (var set in sets)
        {
            var over = set.AsMap();
            tree = tree is null ? null : ConfigMerge.Merge(tree, raw ? over : ConfigAliases.Normalise(over, notes, errors), "", errors, listKeys: true);
        }
        return tree is null ? null : new LoadedConfig(file, tree, files, notes);
    }

    private static ConfigMap? Read(string file, IReadOnlyList<string> chain, bool raw, List<string> files, List<string> notes, ConfigErrors errors)
    {
        var shown = ConfigPaths.Shown(file);
        files.Add(Path.GetFullPath(file));
        if (Text(file, shown, errors) is not { } text || YamlReader.Read(text, shown, errors) is not { } root)
        {
            return null;
        }
        if (root is not ConfigMap own)
        {
            errors.Add(root.At, "", $"a config is a mapping of keys, not {root.Describe()}");
            return null;
        }
        if (own.Find(ConfigMerge.Delete) is { } delete)
        {
            errors.Add(delete.At, ConfigMerge.Delete, $"belongs into a mapping inside the config; to drop everything leave '{Base}' out");
        }
        var bases = Bases(own, file, [.. chain, Path.GetFullPath(file)], raw, files, notes, errors);
        var child = own.Without(Base, ConfigMerge.Delete);
        return bases is null ? null : ConfigMerge.Merge(bases, raw ? child : ConfigAliases.Normalise(child, notes, errors), "", errors);
    }

    /// <summary>The union of the bases; two bases may not share a key, since their order would decide silently.</summary>
    private static ConfigMap? Bases(ConfigMap own, string file, IReadOnlyList<string> chain, bool raw, List<string> files, List<string> notes, ConfigErrors errors)
    {
        var result = new List<ConfigEntry>();
        var failed = false;
        foreach (var name in BaseNames(own, errors))
        {
            if (Resolve(name, file, chain, notes, errors) is not { } path || Read(path, chain, raw, files, notes, errors) is not { } tree)
            {
                failed = true;
                continue;
            }
            foreach (var entry in tree.Entries)
            {
                if (result.Find(e => e.Key == entry.Key) is { } other)
                {
                    errors.Add(entry.At, entry.Key, $"stands in two bases of {ConfigPaths.Shown(file)}, also at {other.At}; leave it in one");
                    continue;
                }
                result.Add(entry);
            }
        }
        return failed ? null : new ConfigMap(own.At, result);
    }

    private static string? Resolve(ConfigScalar name, string file, IReadOnlyList<string> chain, List<string> notes, ConfigErrors errors)
    {
        var path = Path.Combine(Path.GetDirectoryName(file) ?? "", (string)name.Value!);
        if (ConfigPaths.Find(path, null, name.At, Base, errors, notes) is not { } found)
        {
            return null;
        }
        if (chain.Contains(Path.GetFullPath(found), StringComparer.Ordinal))
        {
            errors.Add(name.At, Base, $"goes in a circle: {string.Join(" -> ", chain.Append(Path.GetFullPath(found)).Select(ConfigPaths.Shown))}");
            return null;
        }
        if (chain.Count >= MaxBaseDepth)
        {
            errors.Add(name.At, Base, $"makes a chain of more than {MaxBaseDepth} files");
            return null;
        }
        return found;
    }

    private static List<ConfigScalar> BaseNames(ConfigMap own, ConfigErrors errors)
    {
        var result = new List<ConfigScalar>();
        var named = own.Find(Base)?.Value;
        foreach (var node in named is ConfigList list ? list.Items : named is null ? [] : [named])
        {
            if (node is ConfigScalar { Value: string { Length: > 0 } text } scalar && !text.Contains('\0', StringComparison.Ordinal))
            {
                result.Add(scalar);
            }
            else
            {
                errors.Add(node.At, Base, $"must be a path or a list of paths, is {node.Describe()}");
            }
        }
        return result;
    }

    private static string? Text(string file, string shown, ConfigErrors errors)
    {
        try
        {
            var info = new FileInfo(file);
            if (info.Length > YamlReader.MaxCharacters * 4L)
            {
                errors.Add(ConfigPosition.Of(shown), "", $"has {info.Length} bytes: that is no config");
                return null;
            }
            return File.ReadAllText(file, StrictUtf8);
        }
        catch (DecoderFallbackException)
        {
            errors.Add(ConfigPosition.Of(shown), "", "is not text in UTF-8");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(ConfigPosition.Of(shown), "", $"cannot be read: {e.Message}");
        }
        return null;
    }
}
