using ClusterBench.GpuWorker.Features;
using ClusterBench.GpuWorker.Images;
using ClusterBench.Protocol;
using ClusterBench.Runs;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>
/// The first shard of every run: checks that this worker sees the same files as the submission, that the backbone loads and that the
/// data fits it, and makes the plan. What is wrong is found here, before anything is computed.
/// </summary>
internal static class PrepareShard
{
    /// <summary>Rows per tile of the similarity product: enough for a fast product, small enough for its result to stay in the cache.</summary>
    private const int QueryTile = 256;
    private const int BankTile = 1024;

    public static PlanMade Run(ShardContext context, WorkerCard card)
    {
        var session = context.Session;
        var config = session.Config;
        var columns = session.Extractor().Columns;
        var plan = new PlanMade
        {
            NumericsVersion = Numerics.MachineFacts.CurrentNumericsVersion, ProbeDigest = card.Digest, Batch = config.BatchSize, Threads = config.Threads,
        };
        plan.Machine.Add(card.Machine.ToDictionary(StringComparer.Ordinal));
        plan.Notes.AddRange(session.LoadLines);
        foreach (var column in columns)
        {
            plan.Dimensions.Add(column.Name, column.Width);
        }

        foreach (var split in config.Data.Keys.Order(StringComparer.Ordinal))
        {
            plan.Splits.Add(Split(context, split, columns, card.Digest));
        }

        if (config.Knn is { } knn)
        {
            var bank = plan.Splits.Single(s => s.Split == "train").Images;
            if (knn.K.Max() > bank)
            {
                throw new UserErrorException($"k = {knn.K.Max()} is larger than the bank of {bank} training images: choose smaller k with --k.", 1);
            }

            plan.Knn = new KnnPlan { QueryTile = QueryTile, BankTile = BankTile, BankShard = ShardPlanner.BankRowsPerShard(bank, BankTile) };
        }

        plan.Notes.AddRange(Numerics.NativeSetup.Notes);
        if (ImageDecoder.SlowJpegNote is { } note)
        {
            plan.Notes.Add(note);
        }

        Sweep(context, plan);
        return plan;
    }

    private static SplitPlan Split(ShardContext context, string split, IReadOnlyList<FeatureColumn> columns, string digest)
    {
        var session = context.Session;
        var images = session.List(split).Count;
        if (images != context.Submission.Images[split])
        {
            throw new UserErrorException($"the {split} list {context.Submission.Lists[split].Path} holds {images} images, the submission says {context.Submission.Images[split]}.", 1);
        }

        // One image through the pipeline: a wrong root or an image that does not fit is found now, not after an hour.
        using (var decoder = new ImageDecoder())
        {
            var first = decoder.Decode(session.Images(split)[0]);
            _ = session.Pipeline(split).OutputSize(first.Width, first.Height);
        }

        var plan = new SplitPlan { Split = split, Images = images, ShardImages = ShardPlanner.ImagesPerShard(images, session.Config.BatchSize) };
        foreach (var column in columns)
        {
            plan.Keys.Add(column.Name, FeatureKey.Of(session.Config, split, column.Name, session.WeightsSha256, context.Submission.Lists[split].Sha256, digest));
        }

        return plan;
    }

    /// <summary>Removes what killed workers left half-written in the folders of this run.</summary>
    private static void Sweep(ShardContext context, PlanMade plan)
    {
        var folders = plan.Splits.SelectMany(s => s.Keys.Values.Select(k => Path.Combine(context.Settings.StoreRoot, k)))
            .Concat(plan.Dimensions.Keys.Select(f => Path.Combine(context.RunFeatures, f)))
            .Append(Path.Combine(context.Submission.WorkDir, "knn")).Append(context.Submission.WorkDir);
        foreach (var folder in folders)
        {
            ContentStore.Sweep(folder);
        }
    }
}
