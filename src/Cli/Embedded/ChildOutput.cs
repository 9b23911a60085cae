using System.Globalization;
using System.Text;

namespace ClusterBench.Cli.Embedded;

/// <summary>
/// Where a child's standard output and error go: a log file over all its starts (the one of the call before is kept beside it as
/// <c>.previous</c>), and its last lines in memory for error messages.
/// </summary>
internal sealed class ChildOutput : IDisposable
{
    private const int TailLines = 20;
    private const int TailWidth = 500;

    private readonly Lock _gate = new();
    private readonly Queue<string> _tail = new();
    private readonly TimeProvider _time;
    private StreamWriter? _file;

    public ChildOutput(string path, TimeProvider time)
    {
        (LogPath, _time) = (path, time);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (File.Exists(path))
            File.Move(path, path + ".previous", overwrite: true);
        _file = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
    }

    public string LogPath { get; }

    /// <summary>The last lines of the present incarnation, oldest first.</summary>
    public IReadOnlyList<string> Tail
    {
        get
        {
            lock (_gate)
                return [.. _tail];
        }
    }

    /// <summary>Marks the start of a new incarnation, whose lines alone are the tail from here on.</summary>
    public void Begin(string header)
    {
        lock (_gate)
        {
            Write(Remark(header));
            _tail.Clear();
        }
    }

    /// <summary>A remark of the supervisor's own, in the log only.</summary>
    public void Note(string remark)
    {
        lock (_gate)
            Write(Remark(remark));
    }

    public void Line(string line)
    {
        lock (_gate)
        {
            Write(line);
            if (string.IsNullOrWhiteSpace(line))
                return;
            _tail.Enqueue(line.Length <= TailWidth ? line : line[..TailWidth] + " ...");
            if (_tail.Count > TailLines)
                _tail.Dequeue();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            Close();
        }
    }

    private string Remark(string text) => string.Create(CultureInfo.InvariantCulture, $"--- {_time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {text}");

    // A full disk must not stop the reading: a child whose pipe nobody empties hangs. The tail stays.
    private void Write(string line)
    {
        try
        {
            _file?.WriteLine(line);
        }
        catch (IOException)
        {
            Close();
        }
    }

    private void Close()
    {
        try
        {
            _file?.Dispose();
        }
        catch (IOException)
        {
            // What could not be flushed has nowhere to go.
        }

        _file = null;
    }
}
