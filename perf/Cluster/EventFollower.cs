using System.Text.Json;
using ClusterBench.Api;

namespace ClusterBench.Perf.Cluster;

/// <summary>A line of a run's journal and when it was seen in <c>events.jsonl</c>.</summary>
/// <param name="Seen">When the line was there: the coordinator has stored the event.</param>
internal sealed record SeenEvent(EventView Event, DateTimeOffset Seen)
{
    public string Shard => Text("shard");

    public string Incarnation => Text("incarnation");

    /// <summary>When a worker began the shard of a <c>ShardCompleted</c>, by its own clock.</summary>
    public DateTimeOffset WorkBegun => Event.At - TimeSpan.FromSeconds(Event.Data!.Value.GetProperty("seconds").GetDouble());

    public bool IsExtraction => Event.Type == "ShardCompleted" && Shard.StartsWith("extract/", StringComparison.Ordinal);

    private string Text(string name) => Event.Data is { } data && data.TryGetProperty(name, out var value) ? value.GetString()! : "";
}

/// <summary>Reads a run's <c>events.jsonl</c> as it grows, every 20 ms.</summary>
internal sealed class EventFollower(string workDir, ProgramCall call)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20), Patience = TimeSpan.FromSeconds(120);

    private readonly string _path = Path.Combine(workDir, "events.jsonl");
    private readonly List<SeenEvent> _seen = [];
    private long _position;

    /// <summary>The first event, from the beginning of the run, that is as wanted; waits for it.</summary>
    /// <exception cref="UserErrorException">The call ended, or two minutes passed, without such an event.</exception>
    public async Task<SeenEvent> FirstAsync(Func<SeenEvent, bool> wanted, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var next = 0; ;)
        {
            var ended = call.HasEnded;
            Read();
            for (; next < _seen.Count; next++)
                if (wanted(_seen[next]))
                    return _seen[next];
            if (ended || TimeProvider.System.GetElapsedTime(start) > Patience)
                throw call.Failed($"{(ended ? "ended" : "went on for two minutes")} without {what}");
            await Task.Delay(Poll).ConfigureAwait(false);
        }
    }

    private void Read()
    {
        if (!File.Exists(_path))
            return;
        using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // A coordinator that comes back writes the file anew from its journal, the same bytes: what was read stays read.
        if (file.Length <= _position)
            return;
        file.Position = _position;
        var bytes = new byte[file.Length - _position];
        file.ReadExactly(bytes);
        var now = TimeProvider.System.GetUtcNow();
        var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        foreach (var line in System.Text.Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            _seen.Add(new SeenEvent(JsonSerializer.Deserialize(line, ApiJson.Default.EventView)!, now));
        _position += whole;
    }
}
