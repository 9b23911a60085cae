using System.CommandLine;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Runs;

namespace ClusterBench.Cli.Verbs;

/// <summary>What every verb takes that asks about runs: where they are, and how the answer is printed.</summary>
internal sealed class LookSettings
{
    private readonly Setting<Uri?> _cluster = CommonSettings.Cluster("ask the running cluster whose coordinator's API is at URL");
    private readonly Setting<string?> _stateDir = Settings.Text("--state-dir", "DIR", "folder of the embedded cluster whose runs are meant", Places.DefaultStateDir);
    private readonly Setting<bool> _json;

    public LookSettings(string json = "print one JSON object on the last line") => _json = CommonSettings.Json(json);

    public void AddTo(Command verb)
    {
        verb.Options.Add(_cluster);
        verb.Options.Add(_stateDir);
        verb.Options.Add(_json);
    }

    public (ClusterChoice Cluster, bool Json) Read(Call call) => (ClusterChoices.Read(call, _cluster, _stateDir), call.Get(_json));

    public static Argument<string> Run() => new("RUN") { Description = "the run's id, a unique prefix of it, its folder, or 'last'" };
}
