using System.Globalization;
using ClusterBench.Files;
using Google.Protobuf;

namespace ClusterBench.Training.TensorBoard;

/// <summary>
/// The one event file of a run, derived from its log: written anew, under a later name, whenever training goes on, so that no step has
/// two points, and appended to in between, so that a TensorBoard that is open follows.
/// </summary>
public sealed class EventFile : IDisposable
{
    /// <summary>Its folder in a run's folder, as mmcv has it.</summary>
    public const string FolderName = "tf_logs";

    private const string Prefix = "events.out.tfevents.";

    private readonly string path;
    private readonly FileStream file;

    private EventFile(string path, FileStream file) => (this.path, this.file) = (path, file);

    /// <summary>Writes the file from the lines of the log, removes those before it and goes on behind it.</summary>
    /// <param name="folder">Made where it is absent.</param>
    /// <param name="clock">For the name, by which TensorBoard orders files.</param>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static EventFile Rebuild(string folder, IEnumerable<TrainingLogLine> lines, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        var path = folder;
        try
        {
            Directory.CreateDirectory(folder);
            var old = Directory.GetFiles(folder, Prefix + "*");
            var now = clock.GetUtcNow();
            var seconds = Math.Max(now.ToUnixTimeSeconds(), old.Select(Number).DefaultIfEmpty(0).Max() + 1);
            path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{seconds:D10}.{Environment.MachineName}"));
            AtomicFile.Write(path, file => WriteAll(file, lines, now));
            foreach (var before in old)
            {
                File.Delete(before);
            }

            return new EventFile(path, new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, e);
        }
    }

    /// <summary>Appends the points of a line of the log.</summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public void Append(TrainingLogLine line)
    {
        try
        {
            file.Write(Record(Scalars.Of(line)));
        }
        catch (IOException e)
        {
            throw CannotWrite(path, e);
        }
    }

    public void Dispose() => file.Dispose();

    private static void WriteAll(Stream file, IEnumerable<TrainingLogLine> lines, DateTimeOffset now)
    {
        file.Write(Record(new TensorBoardEvent { WallTime = Scalars.Seconds(now), FileVersion = "brain.Event:2" }));
        // Tells a TensorBoard that has the file before open to forget its points from step 0 on.
        file.Write(Record(new TensorBoardEvent { WallTime = Scalars.Seconds(now), SessionLog = new SessionLog { Status = SessionLog.Types.SessionStatus.Start } }));
        foreach (var line in lines)
        {
            file.Write(Record(Scalars.Of(line)));
        }
    }

    private static byte[] Record(TensorBoardEvent e) => TfRecord.Frame(e.ToByteArray());

    private static long Number(string path) =>
        long.TryParse(Path.GetFileName(path)[Prefix.Length..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;

    private static UserErrorException CannotWrite(string path, Exception e) =>
        new($"{path} cannot be written: {e.Message} Make room or give the run another folder, then resume it.", 1, e);
}
