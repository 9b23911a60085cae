using ClusterBench.Arrays;
using ClusterBench.Files;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>Writes <c>{split}_{feature}.npy</c> and <c>{split}_labels.npy</c> in list order into the folder that <c>features --out</c> names.</summary>
internal static class AssembleShard
{
    public static ShardCompleted Run(ShardContext context)
    {
        var (split, folder) = (context.Shard.Split, context.Submission.OutDir);
        Directory.CreateDirectory(folder);
        var result = new ShardCompleted();
        foreach (var feature in context.Session.Config.Features)
        {
            var path = Path.Combine(folder, $"{split}_{feature}.npy");
            AtomicFile.Write(path, f => Concatenate(context, split, feature, f));
            result.Files.Add(Describe(path, feature));
        }

        var labels = context.Session.List(split).Select(e => (long)e.Label).ToArray();
        var labelPath = Path.Combine(folder, $"{split}_labels.npy");
        NpyWriter.Write<long>(labelPath, [labels.Length], labels);
        result.Files.Add(Describe(labelPath, "labels"));
        result.Metrics.Add($"images@{split}", labels.Length);
        return result;
    }

    private static void Concatenate(ShardContext context, string split, string feature, Stream output)
    {
        var writer = new NpyWriter(output, DType.Float32, [context.Shard.End, context.Plan.Dimensions[feature]]);
        foreach (var file in context.Rows(split, feature))
        {
            context.Cancel.ThrowIfCancellationRequested();
            using var rows = NpyArray.Open(file.Path);
            writer.Append(rows.Rows<float>(0, checked((int)rows.Shape[0])));
        }

        writer.Complete();
    }

    private static ShardFile Describe(string path, string what) =>
        new() { Path = path, Sha256 = FileHash.Sha256(path), Bytes = new FileInfo(path).Length, Name = what };
}
