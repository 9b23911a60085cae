using System.Text;
using System.Text.Json;
using Akka.Event;
using ClusterBench.Api;
using ClusterBench.Files;
using ClusterBench.Protocol;
using ClusterBench.Reports;
using ClusterBench.Runs;
using Google.Protobuf;

namespace ClusterBench.Coordinator.Output;

/// <summary>
/// The files in a run's folder that the coordinator alone writes. All are derived from the journal, so writing them again after a
/// crash changes nothing; a folder that cannot be written is said in the log and does not stop the run.
/// </summary>
internal sealed class RunFiles
{
    private readonly SubmissionData submission;
    private readonly ILoggingAdapter log;
    private readonly string events;
    private long written = -1;

    public RunFiles(SubmissionData submission, ILoggingAdapter log)
    {
        this.submission = submission;
        this.log = log;
        events = Path.Combine(submission.WorkDir, "events.jsonl");
    }

    /// <summary>Appends an event to <c>events.jsonl</c> unless it is there already.</summary>
    public void Append(long sequence, IMessage e) => Guard(() =>
    {
        Directory.CreateDirectory(submission.WorkDir);
        if (written < 0)
        {
            written = sequence == 1 ? StartAnew(Line(sequence, e)) : CutToWholeLines();
        }

        if (sequence > written)
        {
            using var file = new FileStream(events, FileMode.Append, FileAccess.Write, FileShare.Read);
            file.Write(Line(sequence, e));
            file.WriteByte((byte)'\n');
            written = sequence;
        }
    });

    /// <summary>Writes <c>config.yaml</c>.</summary>
    public void WriteConfig() => Guard(() =>
    {
        Directory.CreateDirectory(submission.WorkDir);
        AtomicFile.Write(Path.Combine(submission.WorkDir, "config.yaml"), f => f.Write(Encoding.UTF8.GetBytes(submission.ConfigText)));
    });

    /// <summary>Writes <c>results.json</c> and the report of a completed run.</summary>
    public void WriteResults(RunState state) => Guard(() =>
    {
        var results = RunResultsBuilder.Build(state);
        AtomicFile.Write(Path.Combine(submission.WorkDir, "results.json"), f => f.Write(JsonSerializer.SerializeToUtf8Bytes(results, ApiJson.Default.RunResults)));
        ReportWriter.Write(results, ReadEvents(), submission.WorkDir);
    });

    /// <summary>Makes <c>epoch_N.pth</c> and removes checkpoints that nothing needs any more.</summary>
    public void KeepCheckpoints(RunState state) => Guard(() => CheckpointFiles.Keep(state));

    private static byte[] Line(long sequence, IMessage e) => JsonSerializer.SerializeToUtf8Bytes(EventText.View(sequence, e), ApiJson.Default.EventView);

    private List<EventView> ReadEvents() =>
        [.. File.ReadLines(events).Where(l => l.Length > 0).Select(l => JsonSerializer.Deserialize(l, ApiJson.Default.EventView)!)];

    /// <summary>The file of an earlier run in the same folder ends here; this run's own, which begins with this line, is gone on with.</summary>
    private long StartAnew(byte[] firstLine)
    {
        if (File.Exists(events) && File.ReadLines(events).FirstOrDefault() != Encoding.UTF8.GetString(firstLine))
        {
            File.Delete(events);
        }

        return CutToWholeLines();
    }

    /// <summary>Drops a line that a crash cut short; returns the last sequence number in the file.</summary>
    private long CutToWholeLines()
    {
        if (!File.Exists(events))
        {
            return 0;
        }

        var bytes = File.ReadAllBytes(events);
        var end = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        if (end < bytes.Length)
        {
            using var file = new FileStream(events, FileMode.Open, FileAccess.Write);
            file.SetLength(end);
        }

        var last = File.ReadLines(events).LastOrDefault(l => l.Length > 0);
        return last is null ? 0 : JsonSerializer.Deserialize(last, ApiJson.Default.EventView)!.Seq;
    }

    private void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UserErrorException)
        {
            log.Error("run {0}: cannot write into {1}: {2}. The journal is whole; the files are written again when the run is woken.", submission.Run, submission.WorkDir, e.Message);
        }
    }
}
