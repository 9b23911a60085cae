using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Clusters;
using ClusterBench.Cli.Parts;
using ClusterBench.Cli.Verbs;
using ClusterBench.Configs;
using ClusterBench.Training;

namespace ClusterBench.Cli.Runs;

/// <summary>A call resolved: config, files with their hashes, and the run's hash and folder.</summary>
internal sealed record PreparedRun
{
    public required RunCall Call { get; init; }
    public required ResolvedConfig Resolved { get; init; }
    public required InputFile Checkpoint { get; init; }
    public required IReadOnlyDictionary<string, InputFile> Lists { get; init; }
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Images { get; init; }
    public required IReadOnlyList<InputFile> ConfigFiles { get; init; }
    public required string Hash { get; init; }
    /// <summary>Absolute.</summary>
    public required string WorkDir { get; init; }

    /// <summary>Reads all inputs; computes nothing and writes nothing.</summary>
    /// <exception cref="UserErrorException">A config is wrong or a file is missing.</exception>
    public static PreparedRun Of(RunCall call, DeviceChoice device, Surroundings around)
    {
        string root = around.ProgramRoot();
        ResolvedConfig resolved = around.Parts.Configs.Resolve(new ConfigRequest
        {
            Benchmark = call.Benchmark, Config = call.Config, ProgramRoot = root, DatasetConfig = call.DatasetConfig,
            DataRoot = call.DataRoot, Set = call.Set, K = call.K, Temperature = call.Temperature, Features = call.Features,
            Splits = call.Splits, Threads = call.Threads, Device = device.Device, Seed = call.Seed ?? 0,
            AllowPartial = call.AllowPartial, FromScratch = call.FromScratch,
        });
        RunConfig config = resolved.Config;
        InputFile checkpoint = call.FromScratch ? InputFile.None : Input(CheckpointPath(call, resolved, around), around.Parts.Files);
        var lists = new SortedDictionary<string, InputFile>(StringComparer.Ordinal);
        var images = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach ((string split, DatasetConfig data) in config.Data)
        {
            string list = around.FullPath(data.Source.ListFile);
            NamedFiles.RequireFile(list, $"data.{split}.data_source.list_file");
            lists[split] = Input(list, around.Parts.Files);
            images[split] = around.Parts.Configs.ReadList(list);
        }
        string hash = around.Parts.Configs.Hash(resolved.Text, checkpoint.Sha256,
            lists.ToDictionary(pair => pair.Key, pair => pair.Value.Sha256, StringComparer.Ordinal), config.Seed);
        return new PreparedRun
        {
            Call = call, Resolved = resolved, Checkpoint = checkpoint, Lists = lists, Images = images, Hash = hash,
            ConfigFiles = [.. resolved.Files.Select(file => Input(around.FullPath(file), around.Parts.Files))],
            WorkDir = call.WorkDir is { } folder ? around.FullPath(folder)
                : WorkDirs.Default(call.Config, checkpoint.Path, call.Benchmark, hash, around.Directory, root),
        };
    }

    /// <summary>Steps and rates of a training run; null where nothing is trained.</summary>
    /// <exception cref="UserErrorException">Config and lists do not go together.</exception>
    public TrainingPlan? TrainingPlan() => Resolved.Config.Training is null ? null
        : new TrainingPlan(Resolved.Config, Images["train"].Count, Images["val"].Count);

    /// <summary>What is sent to the cluster.</summary>
    /// <param name="workers">Workers that the call starts for it; 0: those of a running cluster.</param>
    public RunSubmission Submission(string run, int workers = 0) => new()
    {
        Run = run, Benchmark = Call.Benchmark, Config = Call.Config, Command = Call.Command, ConfigText = Resolved.Text, Hash = Hash, Checkpoint = Checkpoint, Lists = Lists,
        Images = Images.ToDictionary(pair => pair.Key, pair => pair.Value.Count, StringComparer.Ordinal),
        WorkDir = WorkDir, OutDir = Call.OutDir, NoCache = Call.NoCache,
        CheckpointSeconds = (int)(Call.CheckpointInterval?.TotalSeconds ?? 0), ExpectedWorkers = workers,
    };

    private static string CheckpointPath(RunCall call, ResolvedConfig resolved, Surroundings around)
    {
        if (call.Pretrained is not null)
        {
            string given = around.FullPath(call.Pretrained);
            NamedFiles.RequireFile(given, call.PretrainedName);
            return given;
        }
        string found = around.FullPath(EpochRule.Checkpoint(call.Epoch!.Value, call.Config, call.SelfsupWorkDir, resolved.WorkDir));
        if (!File.Exists(found))
        {
            string why = call.SelfsupWorkDir is not null ? "--selfsup-work-dir" : resolved.WorkDir is not null ? $"work_dir of {call.Config}"
                : $"{call.Config} names no work_dir, so the path of the config with configs -> work_dirs";
            throw new UserErrorException($"--epoch {call.Epoch}: there is no file {found} ({why}). Name the folder with --selfsup-work-dir DIR, or the file with --pretrained FILE.");
        }
        return found;
    }

    private static InputFile Input(string path, IFiles files) => new(path, files.Sha256(path), new FileInfo(path).Length);
}
