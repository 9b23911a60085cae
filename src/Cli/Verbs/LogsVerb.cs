using System.CommandLine;
using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Clusters;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class LogsVerb
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);

    public static Verb Create()
    {
        var look = new LookSettings("print each event as a JSON object on a line of its own, as events.jsonl holds it");
        Argument<string> run = LookSettings.Run();
        Setting<bool> follow = Settings.Flag("--follow", "go on printing until the run ends", "-f");
        var verb = new Verb("logs", "Prints the events of a run. Works without a running cluster, from the journal.")
        {
            Group = VerbGroups.Runs,
            Summary = "the events of a run; -f follows",
            Example = "clusterbench logs last -f",
            Bind = call =>
            {
                (ClusterChoice cluster, bool json) = look.Read(call);
                string name = call.Argument(run);
                bool stay = call.Get(follow);
                return cancel => RunAsync(name, stay, cluster, json, call.Around, cancel);
            },
        };
        verb.Arguments.Add(run);
        verb.Options.Add(follow);
        look.AddTo(verb);
        return verb;
    }

    private static async Task<int> RunAsync(string name, bool follow, ClusterChoice cluster, bool json, Surroundings around, CancellationToken cancel)
    {
        using RunSource source = await RunSource.OpenAsync(cluster, around, cancel).ConfigureAwait(false);
        RunView view = await source.FindAsync(name, cancel).ConfigureAwait(false);
        for (long last = 0; ;)
        {
            // The state is taken before the events: what an ended run still has to say is then in what is read next.
            bool ended = !follow || RunStates.HasEnded((await source.AgainAsync(view.Run, cancel).ConfigureAwait(false)).Status);
            foreach (EventView line in await source.EventsAsync(view.Run, last, cancel).ConfigureAwait(false))
            {
                around.Out.WriteLine(json ? JsonSerializer.Serialize(line, ApiJson.Default.EventView) : RunTexts.Line(line));
                last = line.Seq;
            }
            await around.Out.FlushAsync(cancel).ConfigureAwait(false);
            if (ended)
                return ExitCodes.Done;
            await Task.Delay(Poll, around.Time, cancel).ConfigureAwait(false);
        }
    }
}
