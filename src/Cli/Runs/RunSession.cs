using System.Net;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Clusters;
using ClusterBench.Cli.Parts;
using ClusterBench.Cli.Progress;

namespace ClusterBench.Cli.Runs;

/// <summary>
/// A cluster that takes runs, whether embedded or running elsewhere, for as long as a call needs it. Disposing of it ends an
/// embedded one and leaves a running one as it is.
/// </summary>
internal sealed class RunSession : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ResultsPatience = TimeSpan.FromSeconds(30);

    private readonly Surroundings _around;
    private readonly IEmbedded? _embedded;
    private readonly ApiClient? _running;

    private RunSession(Surroundings around, IEmbedded? embedded, ApiClient? running) => (_around, _embedded, _running) = (around, embedded, running);

    /// <summary>Whether the cluster ends with this call.</summary>
    public bool IsEmbedded => _embedded is not null;

    public static async Task<RunSession> OpenAsync(ClusterChoice cluster, int workers, string device, Surroundings around, Action<string> say, CancellationToken cancel)
    {
        if (cluster.Url is not null)
            return new RunSession(around, null, new ApiClient(cluster.Url, SecretToken.Read(around)));
        say($"starting a coordinator and {workers} {(workers == 1 ? "worker" : "workers")} ({device}); state in {around.ShownPath(cluster.StateDir)}");
        IEmbedded embedded = await around.Parts.Embedded.StartAsync(new EmbeddedRequest(cluster.StateDir, workers, device, say), cancel).ConfigureAwait(false);
        return new RunSession(around, embedded, null);
    }

    /// <summary>Every question that goes to the cluster while a run is followed.</summary>
    public Patient Patient(Action<string> say) => new(() => _embedded?.Client ?? _running!, _around.Time, say, knownToLive: IsEmbedded);

    /// <summary>Carries a run out from wherever it stands: sends it, goes on with it, or only watches.</summary>
    /// <returns>The run in its last state.</returns>
    public async Task<RunView> CarryOutAsync(RunSubmission submission, bool acceptHardware, IProgressView progress, CancellationToken cancel)
    {
        await StartAsync(submission, acceptHardware, progress, cancel).ConfigureAwait(false);
        return await FollowAsync(submission.Run, progress, cancel).ConfigureAwait(false);
    }

    /// <summary>Sends a run, or goes on with it if the cluster knows it already.</summary>
    public async Task<RunView> StartAsync(RunSubmission submission, bool acceptHardware, IProgressView progress, CancellationToken cancel)
    {
        Patient patient = Patient(progress.Say);
        RunView? view = await patient.AskAsync((api, token) => api.FindRunAsync(submission.Run, token), cancel).ConfigureAwait(false);
        if (view is null)
            await patient.AskAsync((api, token) => api.SubmitAsync(submission, token), cancel).ConfigureAwait(false);
        else if (view.Hash != submission.Hash)
            throw new ApiException(HttpStatusCode.Conflict, $"the cluster knows another run under the id {submission.Run}; start this one anew with --fresh.");
        else if (view.Status is RunStates.Interrupted or RunStates.Failed or RunStates.Canceled or RunStates.Waiting)
            await patient.AskAsync((api, token) => api.ResumeAsync(submission.Run, acceptHardware, token), cancel).ConfigureAwait(false);
        return await patient.AskAsync((api, token) => api.FindRunAsync(submission.Run, token), cancel).ConfigureAwait(false)
            ?? throw new UserErrorException($"the cluster took {submission.Run} and does not know it now.", ExitCodes.Failed);
    }

    /// <summary>Shows a run until it ends, or until the embedded cluster gives up.</summary>
    /// <exception cref="UserErrorException">The cluster gave up; with its children's last lines.</exception>
    public async Task<RunView> FollowAsync(string run, IProgressView progress, CancellationToken cancel)
    {
        Patient patient = Patient(progress.Say);
        for (long last = 0; ;)
        {
            RunView view = await WatchedAsync(patient.AskAsync((api, token) => api.FindRunAsync(run, token), cancel)).ConfigureAwait(false)
                ?? throw new UserErrorException($"{run} is no longer known to the cluster.", ExitCodes.Failed);
            EventPage page = await WatchedAsync(patient.AskAsync((api, token) => api.EventsAsync(run, last, token), cancel)).ConfigureAwait(false);
            foreach (EventView line in page.Events)
            {
                last = line.Seq;
                if (RunTexts.IsNews(line))
                    progress.Say(line.Text);
            }
            progress.Show(view);
            if (RunStates.HasEnded(view.Status) && page.Events.Count == 0)
                return view;
            if (!RunStates.HasEnded(view.Status))
                await WatchedAsync(DelayAsync(cancel)).ConfigureAwait(false);
        }
    }

    /// <summary>results.json of a completed run; null if it does not appear (a work dir that this machine does not see).</summary>
    public async Task<RunResults?> ResultsAsync(RunView view, CancellationToken cancel)
    {
        for (long start = _around.Time.GetTimestamp(); ;)
        {
            if (RunFolder.ReadResults(view.WorkDir) is { } results && results.Run == view.Run)
                return results;
            if (_around.Time.GetElapsedTime(start) > ResultsPatience)
                return null;
            await WatchedAsync(DelayAsync(cancel)).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_embedded is not null)
            await _embedded.DisposeAsync().ConfigureAwait(false);
        else
            _running?.Dispose();
    }

    private async Task<bool> DelayAsync(CancellationToken cancel)
    {
        await Task.Delay(Poll, _around.Time, cancel).ConfigureAwait(false);
        return true;
    }

    private async Task<T> WatchedAsync<T>(Task<T> task)
    {
        if (_embedded is not null && await Task.WhenAny(task, _embedded.Failure).ConfigureAwait(false) != task)
        {
            // Whoever waits for the lost answer is gone; its exception must not end the process.
            _ = task.ContinueWith(static lost => lost.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw new UserErrorException(await _embedded.Failure.ConfigureAwait(false), ExitCodes.Failed);
        }
        return await task.ConfigureAwait(false);
    }
}
