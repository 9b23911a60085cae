using System.CommandLine;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

/// <summary>The options that every benchmark verb has, and how they become a <see cref="RunCall"/>.</summary>
internal sealed class RunSettings
{
    private readonly Argument<string> _config = new("SELFSUP_CONFIG") { Description = "config of the self-supervised experiment; its model.backbone is the network" };
    private readonly Setting<string?> _pretrained = Settings.Text("--pretrained", "FILE", "checkpoint whose backbone is evaluated, or a file that extract-backbone wrote");
    private readonly Setting<int?> _epoch = Settings.Whole("--epoch", "N", "evaluate epoch_N.pth of the self-supervised run", 0);
    private readonly Setting<string?> _selfsupWorkDir = Settings.Text("--selfsup-work-dir", "DIR", "where --epoch looks",
        "the config's work_dir, else its path with configs -> work_dirs");
    private readonly Setting<string?> _datasetConfig = Settings.Text("--dataset-config", "FILE", "config of the data",
        "the config's downstream.knn, else configs/benchmarks/classification/knn_imagenet.yaml");
    private readonly Setting<int?> _workers = CommonSettings.Workers();
    private readonly Setting<int?> _threads = Settings.Whole("--threads", "N", "threads of one batch; part of the plan, because it changes last bits", 1, 4096, "this machine's cores");
    private readonly Setting<string?> _device = Devices.Setting();
    private readonly Setting<Uri?> _cluster = CommonSettings.Cluster();
    private readonly Setting<string?> _workDir = Settings.Text("--work-dir", "DIR", "folder of the run", "work_dirs/CONFIG/CHECKPOINT/BENCHMARK/HASH");
    private readonly Setting<string?> _stateDir = CommonSettings.StateDir();
    private readonly Setting<string?> _dataRoot = Settings.Text("--data-root", "DIR", "replaces the leading data/ of the config's paths on every node");
    private readonly Setting<int?> _seed = Settings.Whole("--seed", "S", "seed of everything random", 0, defaultText: "0");
    private readonly Setting<IReadOnlyList<string>> _set = CommonSettings.Set();
    private readonly Setting<bool> _allowPartial = Settings.Flag("--allow-partial", "take a backbone of which not all parameters were found in the checkpoint");
    private readonly Setting<bool> _noCache = Settings.Flag("--no-cache", "compute everything anew: neither read nor fill the shared feature store");
    private readonly Setting<bool> _dryRun = Settings.Flag("--dry-run", "print the plan and what it needs; start nothing");
    private readonly Setting<bool> _fresh = Settings.Flag("--fresh", "start anew in a folder that holds a run");
    private readonly Setting<bool> _detach = CommonSettings.Detach();
    private readonly Setting<bool> _json = CommonSettings.Json();

    /// <summary>Adds the argument and the options, the verb's own ones between what is evaluated and how.</summary>
    public void AddTo(Command verb, params ReadOnlySpan<Option> own)
    {
        verb.Arguments.Add(_config);
        foreach (Option option in (ReadOnlySpan<Option>)[_pretrained, _epoch, _selfsupWorkDir, _datasetConfig])
            verb.Options.Add(option);
        foreach (Option option in own)
            verb.Options.Add(option);
        foreach (Option option in (ReadOnlySpan<Option>)[_workers, _threads, _device, _cluster, _workDir, _stateDir, _dataRoot, _seed, _set,
            _allowPartial, _noCache, _dryRun, _fresh, _detach, _json])
            verb.Options.Add(option);
    }

    public RunCall Read(Call call, string benchmark)
    {
        var read = new RunCall
        {
            Benchmark = benchmark,
            Config = call.Argument(_config),
            Pretrained = call.Get(_pretrained),
            Epoch = call.Get(_epoch),
            SelfsupWorkDir = call.Get(_selfsupWorkDir),
            DatasetConfig = call.Get(_datasetConfig),
            Workers = call.Get(_workers),
            Threads = call.Get(_threads),
            Device = call.Get(_device) ?? "auto",
            Cluster = ClusterChoices.Read(call, _cluster, _stateDir),
            WorkDir = call.Get(_workDir),
            DataRoot = call.Get(_dataRoot),
            Seed = call.Get(_seed),
            Set = call.Get(_set),
            AllowPartial = call.Get(_allowPartial),
            NoCache = call.Get(_noCache),
            DryRun = call.Get(_dryRun),
            Fresh = call.Get(_fresh),
            Detach = call.Get(_detach),
            Json = call.Get(_json),
        };
        if ((read.Pretrained is null) == (read.Epoch is null))
        {
            call.Refuse(read.Epoch is null ? "which checkpoint? Give --pretrained FILE, or --epoch N of the self-supervised run"
                : $"{call.Source(_pretrained)} and {call.Source(_epoch)} both name a checkpoint; give one of them");
        }
        if (read.SelfsupWorkDir is not null && read.Epoch is null && call.Source(_selfsupWorkDir) == _selfsupWorkDir.Name)
            call.Refuse("--selfsup-work-dir says where --epoch N looks; with --pretrained it means nothing");
        RefuseDetachAlone(call, _detach, read.Detach, read.Cluster);
        if (call.Source(_cluster) == _cluster.Name && call.Source(_workers) is "--workers")
            call.Refuse("--workers belongs to an embedded cluster; with --cluster the run takes the workers that are there");
        return read;
    }

    public static void RefuseDetachAlone(Call call, Setting<bool> setting, bool detach, ClusterChoice cluster)
    {
        if (detach && cluster.Url is null)
            call.Refuse($"{call.Source(setting)} needs --cluster URL: an embedded cluster ends with this call");
    }
}
