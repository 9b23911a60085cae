using System.CommandLine;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Parts;

namespace ClusterBench.Cli.Verbs;

internal static class ConfigVerbs
{
    private static readonly string[] Formats = ["yaml", "json"];

    public static VerbGroup Create()
    {
        var group = new VerbGroup("config", "Look into configs.") { Group = VerbGroups.Inspect };
        group.Subcommands.Add(Show());
        return group;
    }

    private static Verb Show()
    {
        var config = new Argument<string>("CONFIG") { Description = "a YAML config" };
        Setting<string?> format = Settings.Choice("--format", "FORMAT", "yaml or json", Formats, "yaml");
        Setting<bool> raw = Settings.Flag("--raw", "as read, with bases merged but before the schema and its defaults");
        Setting<IReadOnlyList<string>> set = CommonSettings.Set();
        var verb = new Verb("show", "Prints a config with its bases merged, checked and complete.")
        {
            Summary = "a config with its bases merged, checked and complete",
            Example = "clusterbench config show configs/samples/knn.yaml --format json",
            Bind = call =>
            {
                (string path, string kind, bool asRead) = (call.Argument(config), call.Get(format) ?? "yaml", call.Get(raw));
                IReadOnlyList<string> replaced = call.Get(set);
                return _ => Task.FromResult(Print(path, kind, asRead, replaced, call.Around));
            },
        };
        verb.Arguments.Add(config);
        verb.Options.Add(format);
        verb.Options.Add(raw);
        verb.Options.Add(set);
        return verb;
    }

    private static int Print(string config, string format, bool raw, IReadOnlyList<string> set, Surroundings around)
    {
        ShownText shown = around.Parts.Configs.Show(config, around.ProgramRoot(), set, format, raw);
        foreach (string note in shown.Notes)
            around.Error.WriteLine($"note: {note}");
        around.Out.Write(shown.Text.EndsWith('\n') ? shown.Text : shown.Text + "\n");
        return ExitCodes.Done;
    }
}
