using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class FeaturesVerb
{
    private static readonly string[] Splits = ["train", "val"];

    public static Verb Create()
    {
        var common = new RunSettings();
        Setting<string?> outDir = Settings.Text("--out", "DIR", "folder for {split}_{feature}.npy (float32 rows in list order) and {split}_labels.npy");
        Setting<IReadOnlyList<string>?> features = Settings.List("--features", "\"FEAT ...\"", "which features: feat1 (stem) to feat5 (last stage)", word => word, "feat5");
        Setting<string?> split = Settings.Choice("--split", "SPLIT", "train or val", Splits, "both");
        var verb = new Verb("features", "Extracts features of images with a frozen backbone and writes them as .npy files.")
        {
            Group = VerbGroups.Benchmarks,
            Summary = "features of images as .npy files",
            Example = "clusterbench features configs/samples/selfsup.yaml --pretrained samples/simclr_r18w16_fashion.pth --features \"feat4 feat5\" --out fashion_features",
            Remarks = RunRemarks.Text,
            Bind = call =>
            {
                RunCall run = common.Read(call, "features") with
                {
                    OutDir = call.Require(outDir) is { Length: > 0 } folder ? call.Around.FullPath(folder) : null,
                    Features = call.Get(features),
                    Splits = call.Get(split) is { } one ? [one] : null,
                };
                return cancel => BenchmarkCommand.RunAsync(run with { Command = call.Repeat() }, call.Around, cancel);
            },
        };
        common.AddTo(verb, outDir, features, split);
        return verb;
    }
}
