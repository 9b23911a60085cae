using System.CommandLine;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Clusters;
using ClusterBench.Cli.Parts;

namespace ClusterBench.Cli.Verbs;

internal static class ModelVerbs
{
    private static readonly string[] Formats = ["text", "json"];

    public static VerbGroup Create()
    {
        var group = new VerbGroup("model", "Look into models.") { Group = VerbGroups.Inspect };
        group.Subcommands.Add(Show());
        return group;
    }

    private static Verb Show()
    {
        var config = new Argument<string>("CONFIG") { Description = "a config with a model.backbone" };
        Setting<string?> format = Settings.Choice("--format", "FORMAT", "text or json", Formats, "text");
        Setting<IReadOnlyList<string>> set = CommonSettings.Set();
        var verb = new Verb("show", "Prints every parameter and buffer of the backbone: name, shape, type, and the count.")
        {
            Summary = "every parameter and buffer of a backbone",
            Example = "clusterbench model show configs/samples/selfsup.yaml",
            Bind = call =>
            {
                (string path, string kind) = (call.Argument(config), call.Get(format) ?? "text");
                IReadOnlyList<string> replaced = call.Get(set);
                return cancel => PrintAsync(path, kind, replaced, call.Around, cancel);
            },
        };
        verb.Arguments.Add(config);
        verb.Options.Add(format);
        verb.Options.Add(set);
        return verb;
    }

    private static Task<int> PrintAsync(string config, string format, IReadOnlyList<string> set, Surroundings around, CancellationToken cancel)
    {
        ResolvedConfig resolved = around.Parts.Configs.Resolve(new ConfigRequest
        {
            Benchmark = "features", Config = config, ProgramRoot = around.ProgramRoot(), Set = set, Threads = 1, Device = "cpu",
        });
        return WorkerProgram.Find().AskAsync(["model-show", "--format", format], resolved.Text, around, cancel);
    }
}
