using System.Globalization;
using ClusterBench.Protocol;

namespace ClusterBench.Runs;

/// <summary>One unit of work: its name, what it must wait for, and how many images it decodes.</summary>
/// <param name="Id">E.g. <c>extract/train/0003</c>; the natural key (run, shard) of everything said about it.</param>
/// <param name="Kind"><c>prepare</c>, <c>extract</c>, <c>topk</c>, <c>merge</c> or <c>assemble</c>.</param>
/// <param name="Stage">A shard starts when all shards of lower stages are done.</param>
/// <param name="Split">The split it reads; empty for merge.</param>
/// <param name="Start">First row.</param>
/// <param name="End">Row after the last.</param>
public sealed record Shard(string Id, string Kind, int Stage, string Split, int Start, int End);

/// <summary>
/// The shards of a run: a pure function of its plan, never of the number of workers, so that results and their last bits are the
/// same whoever computes them.
/// </summary>
public static class ShardPlanner
{
    /// <summary>The shard that checks the inputs, loads the backbone and makes the plan.</summary>
    public static readonly Shard Prepare = new("prepare", "prepare", 0, "", 0, 0);

    /// <summary>Aims at no more shards of one split than this: a run's journal stays far below 10,000 events.</summary>
    private const int MaxShardsPerSplit = 1000;

    /// <summary>Images per extraction shard: whole batches, at least 4 of them.</summary>
    public static int ImagesPerShard(int images, int batch)
    {
        var batches = (images + batch - 1) / batch;
        return batch * Math.Max(4, (batches + MaxShardsPerSplit - 1) / MaxShardsPerSplit);
    }

    /// <summary>Extraction shards of a split.</summary>
    public static int ShardCount(int images, int batch)
    {
        var size = ImagesPerShard(images, batch);
        return (images + size - 1) / size;
    }

    /// <summary>Bank rows per kNN shard: whole tiles, at most 64 shards.</summary>
    public static int BankRowsPerShard(int bank, int tile)
    {
        var tiles = (bank + tile - 1) / tile;
        return tile * Math.Max(1, (tiles + 63) / 64);
    }

    /// <summary>All shards after <see cref="Prepare"/>, in the order in which they are handed out.</summary>
    public static IReadOnlyList<Shard> Shards(string benchmark, PlanMade plan)
    {
        if (plan.Training is not null)
        {
            return [];
        }

        var shards = new List<Shard>();
        foreach (var split in plan.Splits)
        {
            shards.AddRange(Cut($"extract/{split.Split}", "extract", 1, split.Split, split.Images, split.ShardImages));
        }

        if (benchmark == "knn")
        {
            var bank = plan.Splits.Single(s => s.Split == "train");
            shards.AddRange(Cut("topk", "topk", 2, "train", bank.Images, plan.Knn.BankShard));
            shards.Add(new Shard("merge", "merge", 3, "", 0, 0));
        }
        else
        {
            shards.AddRange(plan.Splits.Select(s => new Shard($"assemble/{s.Split}", "assemble", 2, s.Split, 0, s.Images)));
        }

        return shards;
    }

    /// <summary>Whether a shard reads the result of another one; what it does not read is not sent with it.</summary>
    public static bool Reads(Shard shard, Shard input) => (shard.Kind, input.Kind) switch
    {
        ("topk", "extract") => input.Split != shard.Split || (input.Start < shard.End && shard.Start < input.End),
        ("merge", "topk") => true,
        ("assemble", "extract") => input.Split == shard.Split,
        _ => false,
    };

    private static IEnumerable<Shard> Cut(string prefix, string kind, int stage, string split, int rows, int size)
    {
        for (int start = 0, i = 0; start < rows; start += size, i++)
        {
            yield return new Shard(string.Create(CultureInfo.InvariantCulture, $"{prefix}/{i:D4}"), kind, stage, split, start, Math.Min(rows, start + size));
        }
    }
}
