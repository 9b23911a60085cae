using System.CommandLine;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

/// <summary>The options that every benchmark verb has.</summary>
/// <param name="threads">What a thread is to the verb.</param>
/// <param name="threadsDefault">How many there are by default, in words.</param>
internal sealed class SharedSettings(string threads, string threadsDefault)
{
    private readonly Setting<int?> _workers = CommonSettings.Workers();
    private readonly Setting<int?> _threads = Settings.Whole("--threads", "N", threads, 1, 4096, threadsDefault);
    private readonly Setting<string?> _device = Devices.Setting();
    private readonly Setting<Uri?> _cluster = CommonSettings.Cluster();
    private readonly Setting<string?> _workDir = Settings.Text("--work-dir", "DIR", "folder of the run", "work_dirs/CONFIG/CHECKPOINT/BENCHMARK/HASH");
    private readonly Setting<string?> _stateDir = CommonSettings.StateDir();
    private readonly Setting<string?> _dataRoot = Settings.Text("--data-root", "DIR", "replaces the leading data/ of the config's paths on every node");
    private readonly Setting<int?> _seed = Settings.Whole("--seed", "S", "seed of everything random", 0, defaultText: "0");
    private readonly Setting<IReadOnlyList<string>> _set = CommonSettings.Set();
    private readonly Setting<bool> _allowPartial = Settings.Flag("--allow-partial", "take a backbone of which not all parameters were found in the checkpoint");
    private readonly Setting<bool> _dryRun = Settings.Flag("--dry-run", "print the plan and what it needs; start nothing");
    private readonly Setting<bool> _fresh = Settings.Flag("--fresh", "start anew in a folder that holds a run");
    private readonly Setting<bool> _detach = CommonSettings.Detach();
    private readonly Setting<bool> _json = CommonSettings.Json();

    /// <summary>Adds the options, the verb's own ones after those that change what is computed.</summary>
    public void AddTo(Command verb, params ReadOnlySpan<Option> own)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[_workers, _threads, _device, _cluster, _workDir, _stateDir, _dataRoot, _seed, _set, _allowPartial])
            verb.Options.Add(option);
        foreach (Option option in own)
            verb.Options.Add(option);
        foreach (Option option in (ReadOnlySpan<Option>)[_dryRun, _fresh, _detach, _json])
            verb.Options.Add(option);
    }

    public RunCall Read(Call call, string benchmark, string config)
    {
        var read = new RunCall
        {
            Benchmark = benchmark,
            Config = config,
            Workers = call.Get(_workers),
            Threads = call.Get(_threads),
            Device = call.Get(_device) ?? "auto",
            Cluster = ClusterChoices.Read(call, _cluster, _stateDir),
            WorkDir = call.Get(_workDir),
            DataRoot = call.Get(_dataRoot),
            Seed = call.Get(_seed),
            Set = call.Get(_set),
            AllowPartial = call.Get(_allowPartial),
            DryRun = call.Get(_dryRun),
            Fresh = call.Get(_fresh),
            Detach = call.Get(_detach),
            Json = call.Get(_json),
        };
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
