using ClusterBench.Api;

namespace ClusterBench.Cli.Clusters;

/// <summary>
/// Asks a coordinator that may be away for a while. Once it has answered, its silence is no error: the call is repeated with
/// growing pauses for up to a minute, and the user is told once per silence.
/// </summary>
/// <param name="client">The client to ask now; asked for before every try, because a coordinator may come back at another port.</param>
/// <param name="say">Takes a line for the user.</param>
/// <param name="knownToLive">It has answered somebody already.</param>
/// <param name="worthWaiting">Whether it can still come back; null: it always can.</param>
internal sealed class Patient(Func<ApiClient> client, TimeProvider time, Action<string> say, bool knownToLive = false, Func<bool>? worthWaiting = null)
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private bool _answered = knownToLive;

    public Task AskAsync(Func<ApiClient, CancellationToken, Task> question, CancellationToken cancel) => AskAsync(async (api, token) =>
    {
        await question(api, token).ConfigureAwait(false);
        return true;
    }, cancel);

    /// <exception cref="ClusterUnreachableException">The first call found nobody, or the silence lasted longer than <see cref="Limit"/>.</exception>
    public async Task<T> AskAsync<T>(Func<ApiClient, CancellationToken, Task<T>> question, CancellationToken cancel)
    {
        long silentSince = 0;
        bool silent = false;
        for (TimeSpan pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                T answer = await question(client(), cancel).ConfigureAwait(false);
                _answered = true;
                if (silent)
                    say("coordinator is back");
                return answer;
            }
            catch (ClusterUnreachableException e) when (_answered)
            {
                if (worthWaiting?.Invoke() == false)
                    throw;
                if (!silent)
                {
                    silent = true;
                    silentSince = time.GetTimestamp();
                    say($"coordinator not reachable, waiting ({e.Reason})");
                }
                if (time.GetElapsedTime(silentSince) >= Limit)
                    throw;
                await Task.Delay(pause, time, cancel).ConfigureAwait(false);
            }
        }
    }
}
