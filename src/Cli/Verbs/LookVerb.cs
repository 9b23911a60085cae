using System.CommandLine;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

/// <summary>What a verb's help says.</summary>
internal sealed record VerbTexts(string Name, string Description, string Group, string Summary, string Example);

/// <summary>Verbs that ask a cluster or its journal: where that is comes from <see cref="LookSettings"/>, and it is open while the body runs.</summary>
internal static class LookVerb
{
    /// <summary>What such a verb does.</summary>
    internal delegate Task<int> Body(RunSource source, bool json, Surroundings around, CancellationToken cancel);

    /// <summary>What a verb does with the run that the user named.</summary>
    internal delegate Task<int> RunBody(RunSource source, RunView run, bool json, Surroundings around, CancellationToken cancel);

    public static Verb Of(VerbTexts texts, Body body)
    {
        var look = new LookSettings();
        return Make(texts, look, call =>
        {
            (ClusterChoice cluster, bool json) = look.Read(call);
            return async cancel =>
            {
                using RunSource source = await RunSource.OpenAsync(cluster, call.Around, cancel).ConfigureAwait(false);
                return await body(source, json, call.Around, cancel).ConfigureAwait(false);
            };
        });
    }

    public static Verb OfRun(VerbTexts texts, RunBody body) => OfRun(texts, new LookSettings(), _ => body);

    /// <param name="bind">Reads the verb's own options and says what is then to be done.</param>
    public static Verb OfRun(VerbTexts texts, LookSettings look, Func<Call, RunBody> bind)
    {
        Argument<string> name = LookSettings.Run();
        Verb verb = Make(texts, look, call =>
        {
            (ClusterChoice cluster, bool json) = look.Read(call);
            string run = call.Argument(name);
            RunBody body = bind(call);
            return async cancel =>
            {
                using RunSource source = await RunSource.OpenAsync(cluster, call.Around, cancel).ConfigureAwait(false);
                RunView view = await source.FindAsync(run, cancel).ConfigureAwait(false);
                return await body(source, view, json, call.Around, cancel).ConfigureAwait(false);
            };
        });
        verb.Arguments.Add(name);
        return verb;
    }

    private static Verb Make(VerbTexts texts, LookSettings look, Func<Call, VerbBody> bind)
    {
        var verb = new Verb(texts.Name, texts.Description) { Group = texts.Group, Summary = texts.Summary, Example = texts.Example, Bind = bind };
        look.AddTo(verb);
        return verb;
    }
}
