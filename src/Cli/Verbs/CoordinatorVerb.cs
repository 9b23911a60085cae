using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Clusters;
using ClusterBench.Cli.Parts;

namespace ClusterBench.Cli.Verbs;

internal static class CoordinatorVerb
{
    public const int DefaultPort = 4053;
    public const int DefaultApiPort = 8080;

    public static Verb Create()
    {
        Setting<string?> host = Settings.Text("--host", "HOST", "address that the other nodes reach this one at", "127.0.0.1");
        Setting<int?> port = CommonSettings.Port("--port", "port of the cluster's own traffic; 0: any free one", "4053");
        Setting<int?> apiPort = CommonSettings.Port("--api-port", "port of the HTTP API; 0: any free one", "8080");
        Setting<string?> journal = new("--journal", "sqlite:FILE", "where runs and their events are kept")
        {
            Read = words => ReadJournal(words[^1]), Fallback = null, DefaultText = "sqlite:STATE_DIR/journal.db",
        };
        Setting<string?> stateDir = Settings.Text("--state-dir", "DIR", "folder of the coordinator: journal, cluster.json, logs", Places.DefaultStateDir);
        Setting<string?> hocon = CommonSettings.Hocon();
        var verb = new Verb("coordinator", "Runs the coordinator of a long-lived cluster until it is told to stop.")
        {
            Group = VerbGroups.Cluster,
            Summary = "run the coordinator",
            Example = "CLUSTERBENCH_TOKEN_FILE=secret clusterbench coordinator --host head-node --api-port 8080 --state-dir /shared/clusterbench",
            Remarks = "The cluster's secret is taken from CLUSTERBENCH_TOKEN or from the file that CLUSTERBENCH_TOKEN_FILE names, never from the command line.",
            Bind = call =>
            {
                string folder = call.Around.FullPath(call.Get(stateDir) ?? Places.DefaultStateDir);
                var node = new CoordinatorCall
                {
                    Host = call.Get(host) ?? "127.0.0.1",
                    Port = call.Get(port) ?? DefaultPort,
                    ApiPort = call.Get(apiPort) ?? DefaultApiPort,
                    StateDir = folder,
                    JournalFile = call.Get(journal) is { } file ? call.Around.FullPath(file) : Path.Combine(folder, Places.JournalFile),
                    Hocon = call.Get(hocon) is { } overlay ? call.Around.FullPath(overlay) : null,
                    Token = SecretToken.Read(call.Around),
                };
                return cancel => RunAsync(node, call.Around, cancel);
            },
        };
        foreach (var option in (System.CommandLine.Option[])[host, port, apiPort, journal, stateDir, hocon])
            verb.Options.Add(option);
        return verb;
    }

    private static Task<int> RunAsync(CoordinatorCall node, Surroundings around, CancellationToken cancel)
    {
        if (node.Hocon is not null)
            NamedFiles.RequireFile(node.Hocon, "--hocon");
        Directory.CreateDirectory(node.StateDir);
        return around.Parts.Coordinator.RunAsync(node, cancel);
    }

    private static string ReadJournal(string word) => word.StartsWith("sqlite:", StringComparison.Ordinal) && word.Length > "sqlite:".Length
        ? word["sqlite:".Length..]
        : throw new FormatException($"'{word}' is not of the form sqlite:FILE");
}
