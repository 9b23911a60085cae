using ClusterBench.Arrays;
using ClusterBench.Faults;
using ClusterBench.GpuWorker.Data;
using ClusterBench.Protocol;
using ClusterBench.Runs;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>Extracts the features of a range of a list into the store, or takes them from there.</summary>
internal static class ExtractShard
{
    public static ShardCompleted Run(ShardContext context)
    {
        var (shard, session) = (context.Shard, context.Session);
        var name = PlanNames.Rows(shard.Split, shard.Start, shard.End);
        var result = new ShardCompleted();
        if (Find(context, name) is { } found)
        {
            result.Adopted = true;
            result.Files.AddRange(found);
            return result;
        }

        var rows = shard.End - shard.Start;
        var columns = session.Extractor().Columns;
        Memory<float>[] vectors = [.. columns.Select(c => new float[(long)rows * c.Width])];
        result.ImagesDecoded = Compute(context, vectors);
        Fault.Point(FaultPoints.ShardBeforeStore);
        for (var i = 0; i < columns.Count; i++)
        {
            var folder = context.FeatureFolder(shard.Split, columns[i].Name);
            var file = ContentStore.Put(folder, name, NpyBytes.Of<float>([rows, columns[i].Width], vectors[i].Span), columns[i].Name);
            Show(context, file);
            result.Files.Add(file);
        }

        return result;
    }

    private static List<ShardFile>? Find(ShardContext context, string name)
    {
        var files = new List<ShardFile>();
        foreach (var feature in context.Session.Config.Features)
        {
            if (ContentStore.Find(context.FeatureFolder(context.Shard.Split, feature), name, feature) is not { } file)
            {
                return null;
            }

            files.Add(file);
        }

        foreach (var file in files)
        {
            Show(context, file);
        }

        return files;
    }

    private static void Show(ShardContext context, ShardFile file)
    {
        if (!context.Submission.NoCache)
        {
            ContentStore.Link(file, Path.Combine(context.RunFeatures, file.Name));
        }
    }

    private static long Compute(ShardContext context, IReadOnlyList<Memory<float>> vectors)
    {
        var (shard, session) = (context.Shard, context.Session);
        using var reader = new ImageBatchReader(
            session.Images(shard.Split), session.Pipeline(shard.Split), context.Plan.Batch, shard.Start, shard.End, context.Settings.Cores, cancellation: context.Cancel);
        using var free = new SemaphoreSlim(reader.Slots - 1);
        session.Extractor().Extract(Batches(reader, free, shard, context.Progress), vectors, context.Cancel);
        return reader.DecodedImages;
    }

    /// <summary>The reader's batches in the extractor's terms; no more are out at once than the reader can spare.</summary>
    private static IEnumerable<Features.ImageBatch> Batches(ImageBatchReader reader, SemaphoreSlim free, Shard shard, Action<long, long> progress)
    {
        var half = reader.Batches / 2;
        long done = 0;
        while (true)
        {
            free.Wait();
            if (reader.Read() is not { } batch)
            {
                yield break;
            }

            if (batch.Index == half)
            {
                Fault.Point(FaultPoints.ShardMiddle);
            }

            progress(done, shard.End - shard.Start);
            done += batch.Count;
            yield return new Features.ImageBatch(
                batch.FirstSample - shard.Start, batch.Count, reader.BatchSize, 3, reader.Size.Height, reader.Size.Width, batch.Data, () =>
                {
                    batch.Dispose();
                    free.Release();
                });
        }
    }
}
