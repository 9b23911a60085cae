using ClusterBench.Perf.Inputs;
using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Parts;

/// <summary>Weighted kNN with all k in one pass, without a cluster around it.</summary>
internal static class KnnPart
{
    public static async Task<IReadOnlyList<Table>> RunAsync(Conditions conditions)
    {
        var cores = Environment.ProcessorCount;
        var folder = Places.Scratch("knn");
        var work = new Work("knn", folder, "")
        {
            Threads = cores, Bank = conditions.Times(50_000, 4_000), Queries = conditions.Times(2_000, 200), Width = conditions.Times(512, 128), Classes = conditions.Times(1_000, 50),
        };
        KnnInputs.Write(folder, work.Bank, work.Queries, work.Width, work.Classes);
        var line = new StartingLine(conditions);
        await using (line.ConfigureAwait(false))
        {
            await line.AddOursAsync($"ClusterBench, 1 tile of {cores} threads", work with { Output = "ours_wide" }).ConfigureAwait(false);
            await line.AddOursAsync($"ClusterBench, {cores} tiles of 1 thread", work with { Output = "ours_side_by_side", Threads = 1, Tokens = cores }).ConfigureAwait(false);
            await line.AddPeersAsync(work).ConfigureAwait(false);
            var rows = await Race.RunAsync(line.Contestants, conditions.Times(7, 2), "queries/s", conditions.Say).ConfigureAwait(false);
            // What is compared are accuracies: where rounding decides, a query or two may fall on the other side.
            var note = Race.Compare(folder, "ours_wide", line.Outputs, 0.01);
            Directory.Delete(folder, recursive: true);
            return [new Table("knn", "queries/s", "query", rows)
            {
                Notes = [$"A bank of {work.Bank} x {work.Width}, {work.Queries} queries, k = {string.Join(", ", KnnInputs.Ks)}, {work.Classes} classes; normalising, search and votes. The peer makes one product and one topk per 500 queries for all k.", .. line.About, note],
            }];
        }
    }
}
