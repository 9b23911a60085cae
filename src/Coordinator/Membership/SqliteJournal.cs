using ClusterBench.Cluster;
using Microsoft.Data.Sqlite;

namespace ClusterBench.Coordinator.Membership;

/// <summary>The SQLite file that holds journal and snapshots.</summary>
public static class SqliteJournal
{
    /// <summary>Tables, their write-ahead log and a first run need about as much.</summary>
    private const long Room = 128 << 10;

    /// <summary>Makes the file if it is not there, in WAL mode, which is a property of the file: three times as many events per second.</summary>
    /// <exception cref="UserErrorException">No room, not a database, no permission, or a file system without shared memory; nobody starts the coordinator again after it.</exception>
    public static void Prepare(string file)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < Room)
        {
            throw new UserErrorException($"No space left for the journal {file}: {free >> 10} KiB are free in {folder}. Make room there, then call again; what is finished is stored.",
                NodeExit.JournalUnusable);
        }

        try
        {
            using var connection = new SqliteConnection(ConnectionString(file));
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL";
            var mode = command.ExecuteScalar() as string;
            if (mode != "wal")
            {
                throw new UserErrorException($"The journal {file} cannot be in WAL mode (SQLite says '{mode}'). Put it on a local disk.");
            }
        }
        catch (SqliteException e)
        {
            throw new UserErrorException($"The journal {file} cannot be opened: {e.Message} Move it away to start with an empty one, or give another --journal.", NodeExit.JournalUnusable, e);
        }
    }

    /// <summary>How every reader and writer opens the file; it waits up to 10 s for another's lock.</summary>
    public static string ConnectionString(string file) =>
        new SqliteConnectionStringBuilder { DataSource = Path.GetFullPath(file), DefaultTimeout = 10 }.ToString();

    internal static NodeValues AddTo(NodeValues values, string file) => values
        .Set("akka.persistence.journal.sql.connection-string", ConnectionString(file))
        .Set("akka.persistence.snapshot-store.sql.connection-string", ConnectionString(file));
}
