using System.Text.Json;
using ClusterBench.Files;

namespace ClusterBench.Training;

/// <summary>
/// <c>log.json</c> as the process that hosts virtual rank 0 writes it. A process that is killed leaves whole lines and at most half a
/// one, which the next start cuts off. Not for several threads at once.
/// </summary>
public sealed class TrainingLog : IDisposable
{
    private readonly string path;
    private readonly Stream file;
    private readonly List<TrainingLogLine> lines;
    private readonly Dictionary<string, long> last = new(StringComparer.Ordinal);

    internal TrainingLog(string path, Stream file, IReadOnlyList<TrainingLogLine> kept)
    {
        (this.path, this.file, lines) = (path, file, [.. kept]);
        foreach (var line in kept)
        {
            last[line.Mode] = Math.Max(line.Step, LastStep(line.Mode));
        }
    }

    /// <summary>All lines that the file holds now.</summary>
    public IReadOnlyList<TrainingLogLine> Lines => lines;

    /// <summary>Cuts the file back to a step and goes on behind it.</summary>
    /// <param name="path">The file; it and its folder are made where they are absent.</param>
    /// <param name="step">Steps applied in the state that training goes on from; 0 begins a new log.</param>
    /// <exception cref="UserErrorException">The file cannot be read or written.</exception>
    public static TrainingLog Open(string path, long step)
    {
        var kept = CutBack(path, step);
        try
        {
            // Without a buffer a line is one write: a kill takes all of it or, at worst, its end.
            return new TrainingLog(path, new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0), kept);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, e);
        }
    }

    /// <summary>
    /// Keeps what is at or before a step. The file is replaced even where nothing has to go: a process that was thought dead and wakes
    /// up writes into the old one, which has no name any more.
    /// </summary>
    /// <returns>The kept lines.</returns>
    /// <exception cref="UserErrorException">The file cannot be read or written; it is as before.</exception>
    public static IReadOnlyList<TrainingLogLine> CutBack(string path, long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var (all, _) = TrainingLogFile.Scan(path);
        var kept = all.Where(pair => pair.Line.Step <= step).ToList();
        CreateFolder(path);
        AtomicFile.Write(path, file =>
        {
            foreach (var (_, bytes) in kept)
            {
                file.Write(bytes.Span);
            }
        });
        return [.. kept.Select(static pair => pair.Line)];
    }

    /// <summary>Appends a line; at the return it is there for every reader, and survives the end of this process.</summary>
    /// <returns>
    /// False where a line of this mode stands at this step or behind it: an epoch whose end is reported again has its line already.
    /// </returns>
    /// <exception cref="UserErrorException">The file cannot be written; it holds the lines before.</exception>
    public bool Append(TrainingLogLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (line.Step <= LastStep(line.Mode))
        {
            return false;
        }

        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line, TrainingLogJson.Default.TrainingLogLine), (byte)'\n'];
        var before = file.Length;
        try
        {
            file.Write(bytes);
        }
        catch (IOException e)
        {
            // A full disk may take half a line.
            file.SetLength(before);
            throw CannotWrite(path, e);
        }

        lines.Add(line);
        last[line.Mode] = line.Step;
        return true;
    }

    public void Dispose() => file.Dispose();

    private long LastStep(string mode) => last.GetValueOrDefault(mode, -1);

    private static void CreateFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, e);
        }
    }

    private static UserErrorException CannotWrite(string path, Exception e) =>
        new($"{path} cannot be written: {e.Message} Make room or give the run another folder, then resume it.", 1, e);
}
