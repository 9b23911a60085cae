using System.Text.Json;

namespace ClusterBench.Training;

/// <summary>What a <c>log.json</c> holds.</summary>
/// <param name="Lines">In the file's order.</param>
/// <param name="UnreadableBytes">
/// What stands behind them and is no line: the half line of a process that was killed, zeros that a power cut left, or damage.
/// </param>
public sealed record TrainingLogContent(IReadOnlyList<TrainingLogLine> Lines, long UnreadableBytes);

/// <summary>Reads <c>log.json</c>, also while it is being written.</summary>
public static class TrainingLogFile
{
    /// <summary>Its name in a run's folder.</summary>
    public const string Name = "log.json";

    /// <returns>The lines up to the first one that is none; nothing where there is no file.</returns>
    /// <exception cref="UserErrorException">The file cannot be read.</exception>
    public static TrainingLogContent Read(string path)
    {
        var (lines, rest) = Scan(path);
        return new TrainingLogContent([.. lines.Select(static pair => pair.Line)], rest);
    }

    /// <summary>The lines with their bytes, line feed included: what is kept is kept as it was written.</summary>
    internal static (List<(TrainingLogLine Line, ReadOnlyMemory<byte> Bytes)> Lines, long Unread) Scan(string path)
    {
        ReadOnlyMemory<byte> rest = Bytes(path);
        var lines = new List<(TrainingLogLine, ReadOnlyMemory<byte>)>();
        while (rest.Span.IndexOf((byte)'\n') is var end and >= 0 && Parse(rest.Span[..end]) is { } line)
        {
            lines.Add((line, rest[..(end + 1)]));
            rest = rest[(end + 1)..];
        }

        return (lines, rest.Length);
    }

    private static TrainingLogLine? Parse(ReadOnlySpan<byte> text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, TrainingLogJson.Default.TrainingLogLine);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Bytes(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllBytes(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} cannot be read: {e.Message}", 1, e);
        }
    }
}
