using ClusterBench.Api;
using ClusterBench.Coordinator.Queue;
using ClusterBench.Protocol;
using ClusterBench.Runs;
using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace ClusterBench.Coordinator.Journal;

/// <summary>
/// Reads runs from a SQLite journal without a cluster: the same events, folded by the same state. It only reads, and may do so while
/// a coordinator writes.
/// </summary>
public sealed class JournalReader : IDisposable
{
    private readonly SqliteConnection connection;

    private JournalReader(SqliteConnection connection) => this.connection = connection;

    /// <summary>Opens a journal; null when there is none (no file, or nothing was written yet).</summary>
    /// <exception cref="UserErrorException">The file is no journal.</exception>
    public static JournalReader? Open(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'journal'";
            if ((long)command.ExecuteScalar()! == 0)
            {
                connection.Dispose();
                return null;
            }

            return new JournalReader(connection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new UserErrorException($"{path} cannot be read as a journal: {e.Message}. Move it away, or name another --state-dir.", 1, e);
        }
    }

    /// <summary>Ids of all runs, in the order of their submission.</summary>
    public IReadOnlyList<string> RunIds() =>
        [.. Read(BenchmarkCoordinator.Id).Select(e => e.Event).OfType<RunQueued>().Select(q => q.Submission.Run).Distinct(StringComparer.Ordinal)];

    /// <summary>All runs as they would be shown without a cluster, in the order of their submission.</summary>
    public IReadOnlyList<RunView> Runs() => [.. RunIds().Select(Run).OfType<RunView>()];

    /// <summary>One run, or null.</summary>
    public RunView? Run(string run)
    {
        var (state, last) = Fold(run);
        if (state.Submission is not null)
        {
            return RunViews.Offline(state, last);
        }

        // Queued, and its coordinator died before the run itself could accept it.
        var queued = Read(BenchmarkCoordinator.Id).Select(e => e.Event).OfType<RunQueued>().FirstOrDefault(q => q.Submission.Run == run);
        return queued is null ? null : RunViews.Offline(
            RunState.Empty.Apply(new RunAccepted { At = queued.At, Submission = queued.Submission, Owner = queued.Owner }),
            DateTimeOffset.FromUnixTimeMilliseconds(queued.At));
    }

    /// <summary>What a run was submitted with, or null.</summary>
    public RunSubmission? Submission(string run) =>
        Read(BenchmarkCoordinator.Id).Select(e => e.Event).OfType<RunQueued>().LastOrDefault(q => q.Submission.Run == run)?.Submission.ToRecord();

    /// <summary>The run's state, folded from its events alone (snapshots are not read).</summary>
    public RunState State(string run) => Fold(run).State;

    /// <summary>A run's events after a sequence number.</summary>
    public IReadOnlyList<EventView> Events(string run, long after) =>
        [.. Read("run-" + run, after).Select(e => EventText.View(e.Sequence, e.Event))];

    /// <inheritdoc />
    public void Dispose() => connection.Dispose();

    private (RunState State, DateTimeOffset Last) Fold(string run)
    {
        var state = RunState.Empty;
        long at = 0;
        foreach (var (_, e) in Read("run-" + run))
        {
            state = state.Apply(e);
            at = EventText.At(e);
        }

        return (state, DateTimeOffset.FromUnixTimeMilliseconds(at));
    }

    private List<(long Sequence, IMessage Event)> Read(string persistenceId, long after = 0)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT sequence_number, manifest, message FROM journal WHERE persistence_id = $id AND sequence_number > $after ORDER BY sequence_number";
        command.Parameters.AddWithValue("$id", persistenceId);
        command.Parameters.AddWithValue("$after", after);
        using var reader = command.ExecuteReader();
        var events = new List<(long, IMessage)>();
        while (reader.Read())
        {
            events.Add((reader.GetInt64(0), WireTypes.Parse(reader.GetString(1), (byte[])reader.GetValue(2))));
        }

        return events;
    }
}
