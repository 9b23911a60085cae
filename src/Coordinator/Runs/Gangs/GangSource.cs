using ClusterBench.Protocol;

namespace ClusterBench.Coordinator.Runs.Gangs;

/// <summary>Whose state a generation goes on from.</summary>
internal static class GangSource
{
    /// <summary>
    /// The newest state that a member holds in memory, of its lowest-ranked holder; else the newest checkpoint that is whole; else the
    /// beginning. All holders of the newest state must have the same bits.
    /// </summary>
    /// <param name="prepared">One report of each member, in rank order.</param>
    /// <param name="checkpoints">The run's.</param>
    public static GangDecision Choose(IReadOnlyList<GangReport> prepared, IReadOnlyList<CheckpointWritten> checkpoints)
    {
        string[] notes = [.. prepared.SelectMany(r => r.Notes).Distinct(StringComparer.Ordinal)];
        var ranked = prepared.Select((report, rank) => (Report: report, Rank: rank)).ToList();
        var holders = ranked.Where(r => r.Report is { Step: >= 0, Torn: false }).ToList();
        if (holders.Count > 0)
        {
            var step = holders.Max(r => r.Report.Step);
            var newest = holders.Where(r => r.Report.Step == step).ToList();
            var source = newest[0];
            return newest.FirstOrDefault(r => r.Report.Digest != source.Report.Digest) is { Report: { } other }
                ? new GangDecision.Fail($"{source.Report.Worker} and {other.Worker} have different bits after step {step}, which must never be. One of the machines computes wrongly: "
                    + "test its memory; start the run anew with --fresh, or with one of them only.")
                : new GangDecision.Begin(step, source.Rank, null, notes);
        }

        var readers = ranked.Where(r => r.Report.Checkpoint >= 0).ToList();
        if (readers.Count == 0)
        {
            return new GangDecision.Begin(0, -1, null, notes);
        }

        var reader = readers.MaxBy(r => (r.Report.Checkpoint, -r.Rank));
        return new GangDecision.Begin(reader.Report.Checkpoint, reader.Rank, checkpoints.Last(c => c.Step == reader.Report.Checkpoint), notes);
    }
}
