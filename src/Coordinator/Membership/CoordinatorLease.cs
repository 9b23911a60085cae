using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ClusterBench.Coordinator.Membership;

/// <summary>
/// The right to be the coordinator: an exclusive lock on <c>coordinator.lock</c> beside the journal. The kernel takes it back
/// when the process ends, however it ends, so a lock that can be had means that the predecessor is dead. The file says who holds it.
/// </summary>
public sealed partial class CoordinatorLease : IDisposable
{
    private readonly SafeFileHandle file;

    private CoordinatorLease(SafeFileHandle file) => this.file = file;

    /// <summary>Takes the lease or refuses at once.</summary>
    /// <param name="journalFile">The journal; its folder must be there.</param>
    /// <exception cref="UserErrorException">Another coordinator holds it (the message names its process), or the file cannot be locked.</exception>
    public static CoordinatorLease Take(string journalFile)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(journalFile))!, "coordinator.lock");
        // Not File.OpenHandle: it locks on opening, and then a second coordinator could not even read who the first one is.
        var descriptor = Open(path, ReadWriteCreateCloseOnExec, 0x1A4 /* rw-r--r-- */);
        if (descriptor < 0)
        {
            throw new UserErrorException($"{path} cannot be opened: {LastError()}. The coordinator needs it to be sure that it is the only one.");
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        if (FLock(file, ExclusiveNonBlocking) == 0)
        {
            WriteHolder(file);
            return new CoordinatorLease(file);
        }

        var busy = Marshal.GetLastPInvokeError() == WouldBlock;
        var error = LastError();
        var holder = busy ? ReadHolder(file) : "";
        file.Dispose();
        throw new UserErrorException(busy
            ? $"Another coordinator works on this journal: {holder} holds {path}. Stop it, or use another --state-dir or --journal."
            : $"{path} cannot be locked: {error}. Put the journal on a file system that has locks.");
    }

    /// <summary>Gives the lease back. The file stays: removing it would let two coordinators lock two different files.</summary>
    public void Dispose() => file.Dispose();

    private static void WriteHolder(SafeFileHandle file)
    {
        var since = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var text = string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName} (since {since})");
        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(text), 0);
    }

    private static string ReadHolder(SafeFileHandle file)
    {
        var buffer = new byte[256];
        var read = RandomAccess.Read(file, buffer, 0);
        return read == 0 ? "a process that has just started" : Encoding.UTF8.GetString(buffer, 0, read);
    }

    private static string LastError() => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());

    private const int ReadWriteCreateCloseOnExec = 0x2 | 0x40 | 0x80000; // O_RDWR | O_CREAT | O_CLOEXEC on Linux
    private const int ExclusiveNonBlocking = 2 | 4; // LOCK_EX | LOCK_NB
    private const int WouldBlock = 11; // EWOULDBLOCK

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FLock(SafeFileHandle file, int operation);
}
