using System.CommandLine;
using System.CommandLine.Help;
using ClusterBench.Cli.Verbs;

namespace ClusterBench.Cli.Calls;

/// <summary>All verbs, in the order of the first help page.</summary>
internal static class CommandTree
{
    public static RootCommand Build()
    {
        var root = new RootCommand("ClusterBench: downstream benchmarks of self-supervised vision backbones on a cluster");
        foreach (Option option in root.Options)
        {
            if (option is HelpOption help)
            {
                help.Aliases.Clear();
                help.Aliases.Add("-h");
            }
        }
        Command[] verbs =
        [
            DemoVerb.Create(), ExtractBackboneVerb.Create(),
            TrainingVerbs.Linear(), TrainingVerbs.Finetune(), KnnVerb.Create(), FeaturesVerb.Create(),
            RunsVerb.Create(), StatusVerb.Create(), LogsVerb.Create(), CancelVerb.Create(), ResumeVerb.Create(), ReportVerb.Create(),
            ConfigVerbs.Create(), ModelVerbs.Create(),
            CoordinatorVerb.Create(), WorkerVerb.Create(), WorkersVerb.Create(),
        ];
        foreach (Command verb in verbs)
            root.Subcommands.Add(verb);
        return root;
    }
}
