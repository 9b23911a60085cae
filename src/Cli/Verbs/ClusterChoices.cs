using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

/// <summary>How <c>--cluster</c> and <c>--state-dir</c> together name a cluster.</summary>
internal static class ClusterChoices
{
    public static ClusterChoice Read(Call call, Setting<Uri?> cluster, Setting<string?> stateDir)
    {
        Uri? url = call.Get(cluster);
        string folder = call.Get(stateDir) ?? Places.DefaultStateDir;
        // The nearer word wins: a --state-dir typed here is meant, whatever cluster the environment names.
        if (url is not null && call.Source(stateDir) == stateDir.Name)
        {
            if (call.Source(cluster) == cluster.Name)
                call.Refuse("--cluster names a running cluster and --state-dir an embedded one; give one of them");
            url = null;
        }
        return new ClusterChoice(url, call.Around.FullPath(folder));
    }
}
