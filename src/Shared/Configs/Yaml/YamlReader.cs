using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ClusterBench.Configs;

/// <summary>
/// Builds <see cref="ConfigNode"/>s from YAML, with places. It walks the parser's events with a stack of its own, so that hostile
/// nesting meets <see cref="MaxDepth"/> and not the end of the process's stack; aliases share their node, and
/// <see cref="MaxNodes"/> bounds what they can unfold to.
/// </summary>
internal static class YamlReader
{
    public const int MaxDepth = 64;
    public const int MaxNodes = 100_000;
    public const int MaxCharacters = 1 << 20;

    /// <summary>Reads one document; an empty one is null at line 1.</summary>
    /// <param name="source">Shown in positions.</param>
    /// <param name="positions">Off: every position is the source as a whole (an option has no lines).</param>
    /// <returns>Null when something was wrong: it stands in <paramref name="errors"/>.</returns>
    public static ConfigNode? Read(string text, string source, ConfigErrors errors, bool positions = true)
    {
        if (text.Length > MaxCharacters)
        {
            errors.Add(ConfigPosition.Of(source), "", $"has {text.Length} characters; a config may have {MaxCharacters}");
            return null;
        }
        ConfigPosition At(Mark mark) => positions ? new ConfigPosition(source, (int)mark.Line, (int)mark.Column) : ConfigPosition.Of(source);
        var builder = new YamlTreeBuilder(At);
        try
        {
            using var reader = new StringReader(text);
            var parser = new Parser(reader);
            while (Next(parser))
            {
                builder.Accept(parser.Current!);
            }
            return builder.Root ?? new ConfigScalar(positions ? new ConfigPosition(source, 1, 1) : ConfigPosition.Of(source), null);
        }
        catch (YamlProblem problem)
        {
            errors.Add(problem.At, problem.Path, problem.Message);
        }
        catch (YamlException bad)
        {
            errors.Add(At(bad.Start), "", $"is not YAML: {bad.Message.Split('\n')[0].TrimEnd('.')}");
        }
        return null;
    }

    /// <summary>The scanner leaves its own exceptions behind on some broken texts (found by mutation): they mean a syntax error too.</summary>
    private static bool Next(Parser parser)
    {
        try
        {
            return parser.MoveNext();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            var after = parser.Current?.End ?? Mark.Empty;
            throw new YamlException(after, after, "what follows here cannot be read", e);
        }
    }
}

/// <summary>Something that is valid YAML but not a config.</summary>
internal sealed class YamlProblem(ConfigPosition at, string path, string what) : Exception(what)
{
    public ConfigPosition At { get; } = at;

    public string Path { get; } = path;
}
