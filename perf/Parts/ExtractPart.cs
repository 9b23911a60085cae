using ClusterBench.Perf.Inputs;
using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Parts;

/// <summary>ResNet-50 features of images that lie in memory: the network alone.</summary>
internal static class ExtractPart
{
    public static async Task<IReadOnlyList<Table>> RunAsync(Conditions conditions)
    {
        var (batch, size, cores) = (conditions.Times(32, 4), conditions.Times(224, 64), Environment.ProcessorCount);
        var folder = Places.Scratch("extract");
        ExtractInputs.Write(folder, batch, size);
        var work = new Work("extract", folder, "") { Batch = batch, Batches = Math.Max(4, cores), Size = size, Threads = cores };
        var line = new StartingLine(conditions);
        await using (line.ConfigureAwait(false))
        {
            await line.AddOursAsync($"ClusterBench, 1 batch of {cores} threads", work with { Output = "ours_wide" }).ConfigureAwait(false);
            await line.AddOursAsync($"ClusterBench, {cores} batches of 1 thread", work with { Output = "ours_side_by_side", Threads = 1, Tokens = cores }).ConfigureAwait(false);
            await line.AddPeersAsync(work).ConfigureAwait(false);
            await line.AddPeerAsync("PyTorch channels-last, same malloc", work with { Output = "peer_channels_last", ChannelsLast = true }, Race.SameMalloc).ConfigureAwait(false);
            var rows = await Race.RunAsync(line.Contestants, conditions.Times(5, 2), "images/s", conditions.Say).ConfigureAwait(false);
            var note = Race.Compare(folder, "ours_wide", line.Outputs, 1e-4);
            Directory.Delete(folder, recursive: true);
            return [new Table("extract", "images/s", "image", rows)
            {
                Notes = [$"ResNet-50, {size} x {size}, float32, batches of {batch}, {work.Batches} batches per repetition, {cores} threads in all; random weights and images.", .. line.About, note],
            }];
        }
    }
}
