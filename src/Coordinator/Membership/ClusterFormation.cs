using Akka.Actor;

namespace ClusterBench.Coordinator.Membership;

/// <summary>How a coordinator gets its cluster: the living one if there is any, else a new one.</summary>
internal sealed class ClusterFormation(Akka.Cluster.Cluster cluster, TimeSpan foundAfter, Action<string> log, TimeProvider time)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Joins those of <paramref name="known"/> that live. A new cluster is formed at once when nobody is known or nobody's port
    /// is open (the processes are gone), and after <c>foundAfter</c> when no one answers as a member.
    /// </summary>
    public async Task RunAsync(IReadOnlyList<Address> known, CancellationToken ct)
    {
        var others = known.Where(a => a != cluster.SelfAddress).Distinct().ToList();
        var open = await Task.WhenAll(others.Select(a => PortProbe.MayLiveAsync(a, ct)));
        var living = others.Where((_, i) => open[i]).ToList();
        if (living.Count == 0)
        {
            log(others.Count == 0
                ? "No member is known: forming a new cluster."
                : $"None of the {others.Count} known members runs any more: forming a new cluster.");
            cluster.Join(cluster.SelfAddress);
            return;
        }

        log($"Joining the living: {string.Join(", ", living)}.");
        cluster.JoinSeedNodes(living);
        var start = time.GetTimestamp();
        while (!IsMember())
        {
            if (time.GetElapsedTime(start) > foundAfter)
            {
                log($"No member answered within {foundAfter.TotalSeconds:0.#} s: forming a new cluster.");
                cluster.Join(cluster.SelfAddress);
                return;
            }

            await Task.Delay(Poll, time, ct);
        }

        log("Joined the cluster that lived on.");
    }

    private bool IsMember() => cluster.State.Members.Any(m => m.UniqueAddress == cluster.SelfUniqueAddress);
}
