using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ClusterBench.Checkpoints;
using ClusterBench.Configs;
using ClusterBench.Data;
using ClusterBench.GpuWorker.Features;
using ClusterBench.GpuWorker.Images;
using ClusterBench.GpuWorker.Models;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>What the shards of one run share in a worker: its config, lists and loaded backbone. Made once and kept for the next shard.</summary>
internal sealed class RunSession : IDisposable
{
    private readonly Dictionary<string, IReadOnlyList<ListEntry>> lists = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImagePipeline> pipelines = new(StringComparer.Ordinal);
    private readonly WorkerSettings settings;
    private FeatureExtractor? extractor;

    public RunSession(SubmissionData submission, WorkerSettings settings)
    {
        Submission = submission;
        this.settings = settings;
        Config = RunConfigText.Parse(submission.ConfigText, $"config of run {submission.Run}");
        if (Config.Device != settings.Device.Kind)
        {
            throw new InvalidOperationException($"run {submission.Run} is computed on {Config.Device} and was given to a worker on {settings.Device.Name}");
        }

        InputFiles.RequireUnchanged(submission);
    }

    public SubmissionData Submission { get; }

    public RunConfig Config { get; }

    /// <summary>What loading the backbone said; empty before <see cref="Extractor"/>.</summary>
    public IReadOnlyList<string> LoadLines { get; private set; } = [];

    /// <summary>SHA-256 of the loaded weights' names and values; empty before <see cref="Extractor"/>.</summary>
    public string WeightsSha256 { get; private set; } = "";

    /// <summary>The entries of a split's list.</summary>
    public IReadOnlyList<ListEntry> List(string split)
    {
        if (!lists.TryGetValue(split, out var entries))
        {
            lists[split] = entries = ListFile.Read(Submission.Lists[split].Path);
        }

        return entries;
    }

    /// <summary>Absolute paths of a split's images.</summary>
    public IReadOnlyList<string> Images(string split)
    {
        var root = Config.Data[split].Source.Root;
        return new ImagePaths(List(split), root);
    }

    public ImagePipeline Pipeline(string split) =>
        pipelines.TryGetValue(split, out var pipeline) ? pipeline : pipelines[split] = ImagePipeline.Compile(Config.Data[split].Pipeline);

    /// <summary>The backbone with the checkpoint's weights, ready to extract.</summary>
    public FeatureExtractor Extractor() => extractor ??= Load();

    /// <inheritdoc />
    public void Dispose() => extractor?.Dispose();

    private FeatureExtractor Load()
    {
        var path = Submission.Checkpoint.Path;
        using var checkpoint = Checkpoint.Open(path);
        var backbone = BackboneTensors.Find(checkpoint);
        using var weights = ModelWeights.For(Config.Backbone);
        var report = WeightLoader.Load(weights, backbone.Kept.Select(t => new CheckpointWeight(t)), path, Config.AllowPartial);
        LoadLines = [$"backbone from {Path.GetFileName(path)} ({backbone.Layout})", .. report.Lines];
        WeightsSha256 = Hash(weights);
        return new FeatureExtractor(
            Config.Backbone, weights, new ExtractionSettings(Config.Features, Config.Pool, Config.BatchSize, Config.Threads, settings.Tokens(Config.Threads)), settings.Device);
    }

    private static string Hash(ModelWeights weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in weights.Layout.Entries.Where(e => e.Role != TensorRole.Counter))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Name} [{string.Join(',', entry.Shape)}]\n"));
            hash.AppendData(MemoryMarshal.AsBytes(weights.Floats(entry)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
