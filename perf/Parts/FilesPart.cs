using System.Diagnostics;
using System.Globalization;
using ClusterBench.Perf.Inputs;
using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Parts;

/// <summary>ResNet-50 features of JPEG files on disk: decoding, resizing, cropping, normalising and the network.</summary>
internal static class FilesPart
{
    public static async Task<IReadOnlyList<Table>> RunAsync(Conditions conditions)
    {
        var (batch, images, cores) = (conditions.Times(32, 4), conditions.Times(128, 8), Environment.ProcessorCount);
        var folder = Places.Scratch("files");
        ExtractInputs.Write(folder, 1, 32);
        await WritePhotographsAsync(folder, images).ConfigureAwait(false);
        var work = new Work("extract", folder, "") { Batch = batch, Size = 224, Threads = cores, Files = true };
        var line = new StartingLine(conditions);
        await using (line.ConfigureAwait(false))
        {
            await line.AddOursAsync($"ClusterBench, 1 batch of {cores} threads", work with { Output = "ours_wide" }).ConfigureAwait(false);
            await line.AddOursAsync($"ClusterBench, {cores} batches of 1 thread", work with { Output = "ours_side_by_side", Threads = 1, Tokens = cores }).ConfigureAwait(false);
            await line.AddPeersAsync(work).ConfigureAwait(false);
            var rows = await Race.RunAsync(line.Contestants, conditions.Times(5, 2), "images/s", conditions.Say).ConfigureAwait(false);
            var note = Race.Compare(folder, "ours_wide", line.Outputs, 1e-4);
            Directory.Delete(folder, recursive: true);
            return [new Table("files", "images/s", "image", rows)
            {
                Notes = [$"{images} JPEG files of 500 x 375 (two photographs of scikit-learn's, cut at different places), resized to 256, cropped to 224; batches of {batch}; {cores} decoding threads here, one in the peer's loop.", .. line.About, note],
            }];
        }
    }

    private static async Task WritePhotographsAsync(string folder, int count)
    {
        using var process = Process.Start(new ProcessStartInfo(Places.Python, [Places.Peer, "photographs", folder, count.ToString(CultureInfo.InvariantCulture)]))!;
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new UserErrorException($"{Places.Peer} could not write the photographs (exit status {process.ExitCode}).", exitCode: 1);
    }
}
