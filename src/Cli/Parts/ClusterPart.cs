using System.Security.Cryptography;
using System.Text;
using ClusterBench.Api;
using ClusterBench.Cli.Embedded;
using ClusterBench.Cluster;
using ClusterBench.Coordinator;
using ClusterBench.Coordinator.Journal;

namespace ClusterBench.Cli.Parts;

internal sealed class ClusterPart : IEmbeddedStarter, IJournals, ICoordinatorProgram
{
    public async Task<IEmbedded> StartAsync(EmbeddedRequest request, CancellationToken cancel)
    {
        var options = new EmbeddedOptions
        {
            StateDir = request.StateDir, Workers = request.Workers, Device = request.Device, WorkRoot = request.StateDir,
            CoresPerWorker = Math.Max(1, Environment.ProcessorCount / request.Workers),
        };
        return new Embedded(await EmbeddedCluster.StartAsync(options, request.Say, cancel));
    }

    public IRunHistory? Open(string stateDir) =>
        JournalReader.Open(Path.Combine(stateDir, "journal.db")) is { } reader ? new History(reader) : null;

    public async Task<int> RunAsync(CoordinatorCall call, CancellationToken cancel)
    {
        var token = call.Token ?? throw new UserErrorException($"A coordinator needs the cluster's secret: set {Tokens.Variable}, or {Tokens.FileVariable} to a file that holds it. "
            + "Any long random text will do; workers and clients are given the same.");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var embedded = ParentWatch.Start(stop);
        return await CoordinatorHost.RunAsync(
            new CoordinatorOptions
            {
                Host = call.Host, Port = call.Port, ApiPort = call.ApiPort, JournalFile = call.JournalFile, StateDir = call.StateDir, HoconFile = call.Hocon,
                Token = token, Owner = embedded ? OwnerOf(token) : "",
            },
            stop.Token);
    }

    /// <summary>Every embedded call draws a secret of its own, and its coordinator keeps it however often it is started again.</summary>
    private static string OwnerOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("owner " + token)))[..16];

    private sealed class Embedded(EmbeddedCluster cluster) : IEmbedded
    {
        private readonly List<ApiClient> clients = [];

        /// <summary>A coordinator that was started again may have another port; calls that are under way keep their client.</summary>
        public ApiClient Client
        {
            get
            {
                var url = new Uri(cluster.Url);
                lock (clients)
                {
                    if (clients.Count == 0 || clients[^1].Url != url)
                    {
                        clients.Add(new ApiClient(url, cluster.Token));
                    }

                    return clients[^1];
                }
            }
        }

        public Task<string> Failure { get; } = Explain(cluster.Failure);

        public async ValueTask DisposeAsync()
        {
            await cluster.DisposeAsync();
            clients.ForEach(static c => c.Dispose());
        }

        private static async Task<string> Explain(Task<UserErrorException> failure) => (await failure).Message;
    }

    private sealed class History(JournalReader reader) : IRunHistory
    {
        public IReadOnlyList<RunView> Runs() => reader.Runs();

        public IReadOnlyList<EventView> Events(string run, long after) => reader.Events(run, after);

        public void Dispose() => reader.Dispose();
    }
}
