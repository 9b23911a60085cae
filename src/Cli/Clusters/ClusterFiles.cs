using System.Globalization;
using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Clusters;

/// <summary><c>cluster.json</c> of a state dir: whose cluster runs there, and how to speak to it.</summary>
internal static class ClusterFiles
{
    /// <summary>The file's content if its owner's process exists; null otherwise.</summary>
    public static ClusterFile? Read(string stateDir)
    {
        try
        {
            string path = Path.Combine(stateDir, Places.ClusterFile);
            ClusterFile? file = JsonSerializer.Deserialize(File.ReadAllText(path), ApiJson.Default.ClusterFile);
            return file is not null && Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{file.Pid}")) ? file : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Absent, half written by a program that died, or another user's: no cluster that we could speak to.
            return null;
        }
    }

    /// <summary>A client of the cluster that runs on a state dir and answers; null if there is none.</summary>
    public static async Task<ApiClient?> ConnectAsync(string stateDir, CancellationToken cancel)
    {
        if (Read(stateDir) is not { } file)
            return null;
        var client = new ApiClient(new Uri(file.Url), file.Token);
        if (await client.IsLiveAsync(cancel).ConfigureAwait(false))
            return client;
        client.Dispose();
        return null;
    }

    /// <summary>Refuses to start a run in a state dir on which the cluster of another process runs.</summary>
    public static async Task RefuseForeignAsync(ClusterChoice cluster, Surroundings around, CancellationToken cancel)
    {
        if (Read(cluster.StateDir) is not { } file)
            return;
        // The pid may belong to another program by now: an owner is one of ours, or has a coordinator that answers.
        if (!IsOurs(file.Pid))
        {
            using ApiClient? client = await ConnectAsync(cluster.StateDir, cancel).ConfigureAwait(false);
            if (client is null)
                return;
        }
        string shown = around.ShownPath(cluster.StateDir);
        throw new UserErrorException($"a cluster of another clusterbench process (pid {file.Pid}) runs in {shown}, and an embedded cluster has one owner.\n"
            + $"Wait for it ('clusterbench logs last -f --state-dir {shown}'), or start this run beside it with --state-dir OTHER_DIR.");
    }

    private static bool IsOurs(int pid)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline")).Contains("clusterbench", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
