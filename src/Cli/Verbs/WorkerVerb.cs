using System.CommandLine;
using System.Globalization;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Clusters;

namespace ClusterBench.Cli.Verbs;

internal static class WorkerVerb
{
    public static Verb Create()
    {
        Setting<string?> join = new("--join", "URL[,URL]", "the coordinator's API; or @FILE: the cluster.json of a state dir")
        {
            Read = words => ReadJoin(words[^1]), Fallback = null,
        };
        Setting<string?> host = Settings.Text("--host", "HOST", "address that the other nodes reach this one at", "127.0.0.1");
        Setting<int?> port = CommonSettings.Port("--port", "port of the cluster's own traffic; 0: any free one", "0");
        Setting<int?> dataPort = CommonSettings.Port("--data-port", "port of bulk data between workers; 0: any free one", "0");
        Setting<string?> device = Devices.Setting();
        Setting<string?> workRoot = Settings.Text("--work-root", "DIR", "folder of the shared feature store", "the coordinator's");
        Setting<int?> cores = Settings.Whole("--cores", "N", "processor cores that this worker may use", 1, 4096, "all");
        Setting<int?> slot = Settings.Whole("--slot", "N", "number of this worker among those of its machine", 0, 4096, "0");
        Setting<string?> hocon = CommonSettings.Hocon();
        var verb = new Verb("worker", "Runs a worker of a long-lived cluster until it is told to stop: one process per GPU.")
        {
            Group = VerbGroups.Cluster,
            Summary = "run a worker, one per GPU",
            Example = "CLUSTERBENCH_TOKEN_FILE=secret clusterbench worker --join http://head-node:8080 --host gpu-node-1 --device cuda:0",
            Remarks = "The cluster's secret is taken from CLUSTERBENCH_TOKEN or from the file that CLUSTERBENCH_TOKEN_FILE names, never from the command line.",
            Bind = call =>
            {
                var words = new List<string> { "worker", join.Name, call.Require(join) };
                Add(host, path: false);
                AddNumber(port);
                AddNumber(dataPort);
                Add(device, path: false);
                Add(workRoot, path: true);
                AddNumber(cores);
                AddNumber(slot);
                Add(hocon, path: true);
                _ = SecretToken.Read(call.Around);
                return _ => Start(words);

                void Add(Setting<string?> setting, bool path)
                {
                    if (call.Get(setting) is { } value)
                        words.AddRange([setting.Name, path ? call.Around.FullPath(value) : value]);
                }

                void AddNumber(Setting<int?> setting)
                {
                    if (call.Get(setting) is { } value)
                        words.AddRange([setting.Name, value.ToString(CultureInfo.InvariantCulture)]);
                }
            },
        };
        foreach (Option option in (Option[])[join, host, port, dataPort, device, workRoot, cores, slot, hocon])
            verb.Options.Add(option);
        return verb;
    }

    /// <summary>The worker is a program of its own, because libtorch must not be loaded here; it takes this process over.</summary>
    private static Task<int> Start(List<string> words)
    {
        int file = words.IndexOf("--hocon");
        if (file >= 0)
            NamedFiles.RequireFile(words[file + 1], "--hocon");
        throw WorkerProgram.Find().Become(words);
    }

    private static string ReadJoin(string word)
    {
        if (word.StartsWith('@'))
            return word.Length > 1 ? word : throw new FormatException("'@' names no file");
        string[] urls = word.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return urls.Length > 0 ? string.Join(',', urls.Select(url => Urls.Read(url).AbsoluteUri.TrimEnd('/'))) : throw new FormatException("no URL is given");
    }
}
