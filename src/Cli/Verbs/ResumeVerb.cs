using System.CommandLine;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class ResumeVerb
{
    public static Verb Create()
    {
        var look = new LookSettings("end standard output with one JSON object on a line of its own");
        Argument<string> run = LookSettings.Run();
        Setting<int?> workers = CommonSettings.Workers();
        Setting<bool> detach = CommonSettings.Detach();
        Setting<bool> acceptHardware = Settings.Flag("--accept-hardware", "go on although the processor is another one, so that last bits may differ");
        var verb = new Verb("resume", "Goes on with a run that was interrupted, failed, was canceled or waits. Finished work is not done again.")
        {
            Group = VerbGroups.Runs,
            Summary = "go on with a run that did not complete",
            Example = "clusterbench resume last --workers 2",
            Remarks = "Config, seed and threads are those of the run. A checkpoint, list or config file that changed meanwhile is an error that names it.",
            Bind = call =>
            {
                (ClusterChoice cluster, bool json) = look.Read(call);
                var resume = new ResumeCall
                {
                    Run = call.Argument(run), Cluster = cluster, Json = json, Workers = call.Get(workers),
                    Detach = call.Get(detach), AcceptHardware = call.Get(acceptHardware),
                };
                SharedSettings.RefuseDetachAlone(call, detach, resume.Detach, cluster);
                return cancel => ResumeCommand.RunAsync(resume, call.Around, cancel);
            },
        };
        verb.Arguments.Add(run);
        verb.Options.Add(workers);
        verb.Options.Add(detach);
        verb.Options.Add(acceptHardware);
        look.AddTo(verb);
        return verb;
    }
}
