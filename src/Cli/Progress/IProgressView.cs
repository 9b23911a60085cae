using ClusterBench.Api;

namespace ClusterBench.Cli.Progress;

/// <summary>What the user sees on standard error while a call works.</summary>
internal interface IProgressView
{
    /// <summary>A line of its own.</summary>
    void Say(string line);

    /// <summary>Where a run stands now.</summary>
    void Show(RunView run);
}
