using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Parts;

/// <summary>The exact reduction of one bucket between processes of this machine, beside PyTorch's Gloo.</summary>
internal static class AllReducePart
{
    public static async Task<IReadOnlyList<Table>> RunAsync(Conditions conditions)
    {
        var floats = conditions.Times(25_000_000, 1_000_000);
        var tables = new List<Table>();
        foreach (var members in new[] { 2, 4 })
        {
            var folder = Places.Scratch("allreduce");
            var work = new Work("allreduce", folder, "ours") { Members = members, Floats = floats };
            var line = new StartingLine(conditions);
            await using (line.ConfigureAwait(false))
            {
                await line.AddOursAsync($"ClusterBench, {members} processes", work).ConfigureAwait(false);
                await line.AddPeerAsync($"Gloo, {members} processes", work with { Output = "peer" }, null).ConfigureAwait(false);
                var rows = await Race.RunAsync(line.Contestants, conditions.Times(9, 2), "MB/s", conditions.Say).ConfigureAwait(false);
                var note = Race.Compare(folder, "ours", line.Outputs, 1e-6);
                tables.Add(new Table($"allreduce-{members}", "MB/s", "MB", rows)
                {
                    Notes = [$"One bucket of {floats * 4L / 1_000_000} MB float32 over loopback; CPU is that of rank 0 alone. Ours is summed along the fixed tree and multiplied by 1/V, the peer's all_reduce only sums.", .. line.About, note],
                });
            }
            Directory.Delete(folder, recursive: true);
        }
        return tables;
    }
}
