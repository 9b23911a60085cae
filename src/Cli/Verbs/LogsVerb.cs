using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

internal static class LogsVerb
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);

    public static Verb Create()
    {
        Setting<bool> follow = Settings.Flag("--follow", "go on printing until the run ends", "-f");
        Verb verb = LookVerb.OfRun(
            new("logs", "Prints the events of a run. Works without a running cluster, from the journal.", VerbGroups.Runs, "the events of a run; -f follows", "clusterbench logs last -f"),
            new LookSettings("print each event as a JSON object on a line of its own, as events.jsonl holds it"),
            call =>
            {
                bool stay = call.Get(follow);
                return (source, run, json, around, cancel) => RunAsync(source, run, stay, json, around, cancel);
            });
        verb.Options.Add(follow);
        return verb;
    }

    private static async Task<int> RunAsync(RunSource source, RunView run, bool follow, bool json, Surroundings around, CancellationToken cancel)
    {
        for (long last = 0; ;)
        {
            // The state is taken before the events: what an ended run still has to say is then in what is read next.
            bool ended = !follow || RunStates.HasEnded((await source.AgainAsync(run.Run, cancel).ConfigureAwait(false)).Status);
            foreach (EventView line in await source.EventsAsync(run.Run, last, cancel).ConfigureAwait(false))
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
