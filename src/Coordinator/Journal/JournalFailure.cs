using Microsoft.Data.Sqlite;

namespace ClusterBench.Coordinator.Journal;

/// <summary>Tells the host of a node that the journal's file cannot be written, as opposed to being slow or locked for a moment.</summary>
public sealed class JournalFailure
{
    // SQLite's result codes: READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB.
    private static readonly int[] Lasting = [8, 10, 11, 13, 14, 26];

    private readonly TaskCompletionSource<string> _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the reason, once.</summary>
    public Task<string> Seen => _seen.Task;

    /// <summary>Looks at why a write was refused.</summary>
    public void Consider(Exception cause)
    {
        for (Exception? e = cause; e is not null; e = e.InnerException)
        {
            if (e is SqliteException sqlite && Lasting.Contains(sqlite.SqliteErrorCode))
            {
                _seen.TrySetResult(sqlite.Message);
            }
        }
    }
}
