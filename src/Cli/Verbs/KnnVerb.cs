using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class KnnVerb
{
    public static Verb Create()
    {
        var common = new RunSettings();
        Setting<IReadOnlyList<int>?> k = Settings.List("--k", "\"K ...\"", "numbers of neighbours, all in one pass", word => Settings.ReadWhole(word, 1), "10 20 100 200");
        Setting<double?> temperature = Settings.Number("--temperature", "T", "of the weight exp(similarity / T)",
            value => double.IsFinite(value) && value > 0, "a number above 0", "0.07");
        var verb = new Verb("knn", "Nearest-neighbour evaluation: each validation image is classified by a weighted vote of the most similar training images. Prints top-1 and top-5 per k.")
        {
            Group = VerbGroups.Benchmarks,
            Summary = "nearest-neighbour accuracy of a backbone, top-1 and top-5 per k",
            Example = "clusterbench knn configs/samples/selfsup.yaml --pretrained samples/simclr_r18w16_fashion.pth --workers 2",
            Remarks = RunRemarks.Text,
            Bind = call =>
            {
                RunCall run = common.Read(call, "knn") with { K = call.Get(k), Temperature = call.Get(temperature) };
                return cancel => BenchmarkCommand.RunAsync(run with { Command = call.Repeat() }, call.Around, cancel);
            },
        };
        common.AddTo(verb, k, temperature);
        return verb;
    }
}

internal static class RunRemarks
{
    public const string Text =
        "A run is its folder: the same call again prints the results of a completed run and resumes an unfinished one; another config or "
        + "checkpoint is another run. Ctrl-C keeps what is finished; 'clusterbench resume last' goes on.";
}
