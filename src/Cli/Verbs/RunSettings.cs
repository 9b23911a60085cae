using System.CommandLine;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

/// <summary>Arguments and options of the benchmarks that compare features (<c>knn</c>, <c>features</c>), and how they become a <see cref="RunCall"/>.</summary>
internal sealed class RunSettings
{
    private readonly SharedSettings _shared = new("threads of one batch; part of the plan, because it changes last bits", "this machine's cores");
    private readonly Argument<string> _config = new("SELFSUP_CONFIG") { Description = "config of the self-supervised experiment; its model.backbone is the network" };
    private readonly Setting<string?> _pretrained = Settings.Text("--pretrained", "FILE", "checkpoint whose backbone is evaluated, or a file that extract-backbone wrote");
    private readonly Setting<int?> _epoch = Settings.Whole("--epoch", "N", "evaluate epoch_N.pth of the self-supervised run", 0);
    private readonly Setting<string?> _selfsupWorkDir = Settings.Text("--selfsup-work-dir", "DIR", "where --epoch looks",
        "the config's work_dir, else its path with configs -> work_dirs");
    private readonly Setting<string?> _datasetConfig = Settings.Text("--dataset-config", "FILE", "config of the data",
        "the config's downstream.knn, else configs/benchmarks/classification/knn_imagenet.yaml");
    private readonly Setting<bool> _noCache = Settings.Flag("--no-cache", "compute everything anew: neither read nor fill the shared feature store");

    /// <summary>Adds the argument and the options, the verb's own ones between what is evaluated and how.</summary>
    public void AddTo(Command verb, params ReadOnlySpan<Option> own)
    {
        verb.Arguments.Add(_config);
        foreach (Option option in (ReadOnlySpan<Option>)[_pretrained, _epoch, _selfsupWorkDir, _datasetConfig])
            verb.Options.Add(option);
        foreach (Option option in own)
            verb.Options.Add(option);
        _shared.AddTo(verb, _noCache);
    }

    public RunCall Read(Call call, string benchmark)
    {
        RunCall read = _shared.Read(call, benchmark, call.Argument(_config)) with
        {
            Pretrained = call.Get(_pretrained),
            Epoch = call.Get(_epoch),
            SelfsupWorkDir = call.Get(_selfsupWorkDir),
            DatasetConfig = call.Get(_datasetConfig),
            NoCache = call.Get(_noCache),
        };
        if ((read.Pretrained is null) == (read.Epoch is null))
        {
            call.Refuse(read.Epoch is null ? "which checkpoint? Give --pretrained FILE, or --epoch N of the self-supervised run"
                : $"{call.Source(_pretrained)} and {call.Source(_epoch)} both name a checkpoint; give one of them");
        }
        if (read.SelfsupWorkDir is not null && read.Epoch is null && call.Source(_selfsupWorkDir) == _selfsupWorkDir.Name)
            call.Refuse("--selfsup-work-dir says where --epoch N looks; with --pretrained it means nothing");
        return read;
    }
}
