using System.Globalization;
using ClusterBench.Api;

namespace ClusterBench.Tests.Harness;

/// <summary>A coordinator and workers that the test starts itself, each by its own call, with one secret.</summary>
internal sealed class LongLivedCluster : IAsyncDisposable
{
    public const string Token = "the-secret-of-this-test";

    private readonly TestFolder folder;
    private readonly List<RunningProgram> nodes = [];

    private LongLivedCluster(TestFolder folder) => this.folder = folder;

    public RunningProgram Coordinator { get; private set; } = null!;

    public string Url { get; private set; } = "";

    /// <summary>The environment of a call that may speak to it.</summary>
    public static IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>(StringComparer.Ordinal) { ["CLUSTERBENCH_TOKEN"] = Token };

    /// <summary>Starts all nodes and returns when every worker is idle.</summary>
    /// <param name="folder">Its state dir becomes the coordinator's.</param>
    /// <param name="workers">How many.</param>
    /// <param name="faults">More of the nodes' environment.</param>
    public static async Task<LongLivedCluster> StartAsync(TestFolder folder, int workers, IReadOnlyDictionary<string, string?>? faults = null)
    {
        var cluster = new LongLivedCluster(folder);
        var environment = new Dictionary<string, string?>(Environment.Concat(faults ?? new Dictionary<string, string?>(StringComparer.Ordinal)), StringComparer.Ordinal);
        try
        {
            await cluster.StartCoordinatorAsync(environment);
            for (var slot = 1; slot <= workers; slot++)
            {
                cluster.nodes.Add(folder.Start(["worker", "--join", cluster.Url, "--device", "cpu", "--work-root", folder.StateDir, "--cores", "1",
                    "--slot", slot.ToString(CultureInfo.InvariantCulture)], environment));
            }

            await cluster.IdleWorkersAsync(workers);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the coordinator, again on the port that it had.</summary>
    public async Task StartCoordinatorAsync(IReadOnlyDictionary<string, string?>? environment = null)
    {
        Directory.CreateDirectory(folder.StateDir);
        File.Delete(folder.At("state", "cluster.json"));
        string port = Url.Length == 0 ? "0" : new Uri(Url).Port.ToString(CultureInfo.InvariantCulture);
        Coordinator = folder.Start(["coordinator", "--port", "0", "--api-port", port, "--state-dir", folder.StateDir], environment ?? Environment);
        nodes.Add(Coordinator);
        Url = (await folder.ClusterAsync()).Url;
        using ApiClient api = Client();
        await Eventually.HaveAsync(async () => await api.IsReadyAsync(TestContext.Current.CancellationToken) ? "" : null, $"the coordinator is ready; it said:\n{Coordinator.ErrorSoFar}");
    }

    public ApiClient Client() => new(new Uri(Url), Token);

    /// <summary>The workers, once so many are idle.</summary>
    public async Task<IReadOnlyList<WorkerView>> IdleWorkersAsync(int count)
    {
        using ApiClient api = Client();
        return await Eventually.HaveAsync(async () =>
        {
            var workers = await api.WorkersAsync(TestContext.Current.CancellationToken);
            return workers.Count(w => w.State == "idle") == count ? workers : null;
        }, $"{count} workers are idle; the nodes said:\n{string.Join("\n---\n", nodes.Select(n => n.ErrorSoFar))}");
    }

    /// <summary>Calls the program with the cluster's secret and address.</summary>
    public Task<ProgramResult> CallAsync(params string[] words) => folder.RunAsync([.. words, "--cluster", Url], Environment);

    /// <summary>A kNN run on the cluster, to its end (or to the submission with <c>--detach</c>).</summary>
    public Task<ProgramResult> KnnAsync(string checkpoint, string workDir, params string[] more) =>
        CallAsync(["knn", Installation.SelfsupConfig, "--pretrained", checkpoint, "--threads", "1", "--device", "cpu", "--work-dir", folder.At(workDir), "--json", .. more]);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
    }
}
