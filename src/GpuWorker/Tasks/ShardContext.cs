using System.Globalization;
using ClusterBench.Protocol;
using ClusterBench.Runs;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>Everything that the work on one shard needs.</summary>
/// <param name="Session">The run's shared part.</param>
/// <param name="Settings">This worker's.</param>
/// <param name="Shard">Which rows of what.</param>
/// <param name="Message">The order itself, with the plan and the results that this shard reads.</param>
/// <param name="Progress">Called with units done and in all.</param>
/// <param name="Cancel">The shard is not wanted any more.</param>
internal sealed record ShardContext(
    RunSession Session, WorkerSettings Settings, Shard Shard, RunShard Message, Action<long, long> Progress, CancellationToken Cancel)
{
    public SubmissionData Submission => Message.Submission;

    public PlanMade Plan => Message.Plan;

    /// <summary>The run's own <c>features/</c>.</summary>
    public string RunFeatures => Path.Combine(Submission.WorkDir, "features");

    /// <summary>Folder of a feature's shards: the shared store, or the run's own with <c>--no-cache</c>.</summary>
    public string FeatureFolder(string split, string feature) =>
        Submission.NoCache ? Path.Combine(RunFeatures, feature) : Path.Combine(Settings.StoreRoot, Plan.Splits.Single(s => s.Split == split).Keys[feature]);

    /// <summary>The files that the extraction shards of a split wrote for a feature, in row order; each checked to be there whole.</summary>
    public IReadOnlyList<ShardFile> Rows(string split, string feature) => Files($"extract/{split}/", feature);

    /// <summary>The file that one extraction shard of a split wrote for a feature, by the shard's number: the order may bring only some.</summary>
    public ShardFile Rows(string split, string feature, int number) =>
        Files(string.Create(CultureInfo.InvariantCulture, $"extract/{split}/{number:D4}"), feature) is [var file]
            ? file
            : throw new InvalidOperationException($"shard {Shard.Id} was sent without the result of extract/{split}/{number}");

    /// <summary>The files of that name from shards whose id begins with a prefix, in the order of the ids.</summary>
    public IReadOnlyList<ShardFile> Files(string shardPrefix, string name)
    {
        List<ShardFile> files = [.. Message.Inputs.Where(i => i.Shard.StartsWith(shardPrefix, StringComparison.Ordinal))
            .OrderBy(i => i.Shard, StringComparer.Ordinal).Select(i => i.Files.Single(f => f.Name == name))];
        foreach (var file in files)
        {
            if (!File.Exists(file.Path) || new FileInfo(file.Path).Length != file.Bytes)
            {
                throw new UserErrorException($"{file.Path}, a result that this run has recorded, is gone or not whole any more: it was removed or cut from outside. Start anew with --fresh.", 1);
            }
        }

        return files;
    }
}
