using System.CommandLine;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

/// <summary>The benchmarks that train: <c>linear</c> and <c>finetune</c>.</summary>
internal static class TrainingVerbs
{
    private const string None = "none";

    /// <summary>As design.md has it: short enough that all workers together lose little, long enough to cost nothing.</summary>
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(10);

    private const string Ranks =
        " The config's batch is spread over virtual ranks ('virtual_ranks', or the 4 of 4xb64 in its name): any number of workers gives the same numbers. ";

    public static Verb Linear() => Create("linear",
        "Linear evaluation: trains a linear classifier on a frozen backbone. Prints top-1 and top-5 on the validation images.",
        "accuracy of a linear classifier on the frozen backbone",
        "checkpoint whose backbone is evaluated, or a file that extract-backbone wrote",
        """
        clusterbench linear configs/samples/linear.yaml samples/simclr_r18w16_fashion.pth --workers 2
        clusterbench linear configs/samples/linear.yaml samples/simclr_r18w16_fashion.pth --set model.head.feature=feat3
        clusterbench linear configs/benchmarks/classification/imagenet/r50_linear_sz224_4xb64_step_ep100.yaml my_checkpoint.pth --dry-run
        """);

    public static Verb Finetune() => Create("finetune",
        "Fine-tuning: trains the whole network from a pretrained backbone, or from scratch. Prints top-1 and top-5 on the validation images.",
        "accuracy after training the whole network",
        "checkpoint whose backbone training begins with, or a file that extract-backbone wrote; none: from scratch",
        """
        clusterbench finetune configs/samples/finetune.yaml samples/simclr_r18w16_fashion.pth --workers 2
        clusterbench finetune configs/samples/finetune.yaml none --seed 1 --checkpoint-interval 2m
        """);

    private static Verb Create(string name, string description, string summary, string pretrained, string example)
    {
        var config = new Argument<string>("CONFIG") { Description = "config of the benchmark: model, data, optimizer, schedule" };
        var pretrain = new Argument<string>("PRETRAIN") { Description = pretrained };
        var common = new SharedSettings("threads of one virtual rank; part of the plan, because it changes last bits", "this machine's cores / virtual ranks, at least 1");
        Setting<TimeSpan?> interval = Settings.Duration("--checkpoint-interval", "TIME",
            "time between two checkpoints inside an epoch, e.g. 90s, 10m, 2h; it changes no number", "10m");
        var verb = new Verb(name, description)
        {
            Group = VerbGroups.Benchmarks,
            Summary = summary,
            Example = example,
            Remarks = RunRemarks.Text + Ranks + "A checkpoint is also made at the end of every epoch; lost workers cost at most the step in flight.",
            Bind = call =>
            {
                string from = call.Argument(pretrain);
                if (from == None && name == "linear")
                    call.Refuse("PRETRAIN none: linear evaluates a pretrained backbone; name a checkpoint. 'finetune' trains from scratch");
                RunCall run = common.Read(call, name, call.Argument(config)) with
                {
                    Pretrained = from == None ? null : from,
                    PretrainedName = "PRETRAIN",
                    FromScratch = from == None,
                    CheckpointInterval = call.Get(interval) ?? DefaultInterval,
                };
                return cancel => BenchmarkCommand.RunAsync(run with { Command = call.Repeat() }, call.Around, cancel);
            },
        };
        verb.Arguments.Add(config);
        verb.Arguments.Add(pretrain);
        common.AddTo(verb, interval);
        return verb;
    }
}
