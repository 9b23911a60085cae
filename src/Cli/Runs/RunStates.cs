using ClusterBench.Api;

namespace ClusterBench.Cli.Runs;

/// <summary>The states of a run (design, section 3).</summary>
internal static class RunStates
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Waiting = "waiting";
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Canceled = "canceled";
    public const string Interrupted = "interrupted";

    /// <summary>Whether nothing more happens without somebody's doing.</summary>
    public static bool HasEnded(string status) => status is Completed or Failed or Canceled or Interrupted;

    /// <summary>
    /// A run as it stands when no cluster runs: what the journal has as queued, running or waiting was cut off (a killed program
    /// has no time to say so).
    /// </summary>
    public static RunView WithoutCluster(RunView view) =>
        HasEnded(view.Status) ? view : view with { Status = Interrupted, Phase = null, Workers = [] };
}
