using ClusterBench.Arrays;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>Reads rows of a split's feature across the files of its extraction shards.</summary>
internal static class RowReader
{
    /// <summary>Rows [start, end), row-major, in memory of their own.</summary>
    public static float[] Read(ShardContext context, string split, string feature, int start, int end)
    {
        var width = context.Plan.Dimensions[feature];
        var size = context.Plan.Splits.Single(s => s.Split == split).ShardImages;
        var rows = new float[checked((end - start) * width)];
        for (var shard = start / size; shard * size < end; shard++)
        {
            var (first, last) = (Math.Max(start, shard * size), Math.Min(end, (shard + 1) * size));
            using var file = NpyArray.Open(context.Rows(split, feature, shard).Path);
            file.Rows<float>(first - (shard * size), last - first).CopyTo(rows.AsSpan((first - start) * width));
        }

        return rows;
    }
}
