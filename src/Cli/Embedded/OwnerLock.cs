using System.Globalization;
using System.Text.Json;
using ClusterBench.Api;

namespace ClusterBench.Cli.Embedded;

/// <summary>
/// Makes this process the one owner of a state dir's cluster for as long as it lives: a lock on <c>owner.lock</c> that the kernel
/// takes back however the process ends.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    private readonly FileStream _lock;

    private OwnerLock(FileStream file) => _lock = file;

    /// <exception cref="StateDirOwnedException">Another process owns it.</exception>
    public static OwnerLock Take(string stateDir)
    {
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(stateDir, "owner.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(Path.Combine(stateDir, "owner.lock")))
        {
            throw new StateDirOwnedException(stateDir, ReadPid(stateDir), ReadCluster(stateDir), e);
        }

        // A file of its own: the lock file itself cannot be opened by the one who wants to know.
        File.WriteAllText(PidPath(stateDir), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new OwnerLock(file);
    }

    /// <summary><c>cluster.json</c> of a state dir; null where there is none that can be read.</summary>
    public static ClusterFile? ReadCluster(string stateDir)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(ClusterPath(stateDir)), ApiJson.Default.ClusterFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public static string ClusterPath(string stateDir) => Path.Combine(stateDir, "cluster.json");

    public void Dispose() => _lock.Dispose();

    private static string PidPath(string stateDir) => Path.Combine(stateDir, "owner.pid");

    private static int? ReadPid(string stateDir)
    {
        try
        {
            return int.Parse(File.ReadAllText(PidPath(stateDir)), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
