using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class DemoVerb
{
    public static Verb Create()
    {
        Setting<int?> workers = CommonSettings.Workers("2");
        Setting<bool> json = CommonSettings.Json();
        var verb = new Verb("demo", "The tour on shipped data: extracts the backbone of a checkpoint that SimCLR pretrained on Fashion-MNIST without labels, runs kNN for it and for a randomly initialised network on a cluster of two workers, and sets the results side by side.")
        {
            Group = VerbGroups.Start,
            Summary = "the tour on shipped images and a shipped checkpoint",
            Example = "clusterbench demo",
            Remarks = "The demo always starts anew, in work_dirs/demo of the folder of ClusterBench, with a cluster of its own.",
            Bind = call =>
            {
                int count = call.Get(workers) ?? 2;
                bool asJson = call.Get(json);
                return cancel => DemoCommand.RunAsync(count, asJson, call.Around, cancel);
            },
        };
        verb.Options.Add(workers);
        verb.Options.Add(json);
        return verb;
    }
}
