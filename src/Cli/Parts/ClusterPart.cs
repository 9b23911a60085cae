using ClusterBench.Api;
using ClusterBench.Cli.Embedded;
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

    public Task<int> RunAsync(CoordinatorCall call, CancellationToken cancel) => CoordinatorHost.RunAsync(
        new CoordinatorOptions
        {
            Host = call.Host, Port = call.Port, ApiPort = call.ApiPort, JournalFile = call.JournalFile, StateDir = call.StateDir, HoconFile = call.Hocon,
            Token = call.Token ?? throw new UserErrorException($"A coordinator needs a token: set {Tokens.Variable} or {Tokens.FileVariable}."),
            Owner = Environment.GetEnvironmentVariable(EmbeddedCluster.OwnerVariable) ?? "",
        },
        cancel);

    private sealed class Embedded(EmbeddedCluster cluster) : IEmbedded
    {
        public ApiClient Client { get; } = new(new Uri(cluster.Url), cluster.Token);

        public Task<string> Failure { get; } = Explain(cluster.Failure);

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await cluster.DisposeAsync();
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
