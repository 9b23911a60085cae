using System.Security.Cryptography;
using ClusterBench.Api;
using ClusterBench.Cli.Parts;

namespace ClusterBench.Tests.Fakes;

internal sealed class FakeFiles : IFiles
{
    public string Sha256(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    public void WriteAtomically(string path, byte[] content) => File.WriteAllBytes(path, content);

    public IReadOnlyList<string> ExtractBackbone(string checkpoint, string modelFile)
    {
        File.Copy(checkpoint, modelFile);
        return ["kept 1 tensor"];
    }
}

internal sealed class FakeJournals : IJournals
{
    public List<RunView>? Runs { get; set; }

    public List<EventView> Events { get; } = [];

    public IRunHistory? Open(string stateDir) => Runs is null ? null : new History(Runs, Events);

    private sealed class History(List<RunView> runs, List<EventView> events) : IRunHistory
    {
        public IReadOnlyList<RunView> Runs() => runs;

        public IReadOnlyList<EventView> Events(string run, long after) => [.. events.Where(line => line.Seq > after)];

        public void Dispose()
        {
        }
    }
}

internal sealed class FakeReports : IReports
{
    public void Compare(IReadOnlyList<RunResults> runs, string path) => File.WriteAllText(path, string.Join('\n', runs.Select(run => run.Run)));

    public IReadOnlyList<string> Write(RunResults results, string workDir, IReadOnlyList<EventView> events)
    {
        string[] files = [Path.Combine(workDir, "report.html"), Path.Combine(workDir, "report.md")];
        foreach (string file in files)
            File.WriteAllText(file, results.Run);
        return files;
    }
}

internal sealed class FakeCoordinator : ICoordinatorProgram
{
    public CoordinatorCall? Call { get; private set; }

    public Task<int> RunAsync(CoordinatorCall call, CancellationToken cancel)
    {
        Call = call;
        return Task.FromResult(0);
    }
}

internal sealed class FakeEmbedded(FakeCluster cluster) : IEmbeddedStarter
{
    public List<EmbeddedRequest> Started { get; } = [];

    public int Ended { get; private set; }

    /// <summary>Completes to make the cluster give up.</summary>
    public TaskCompletionSource<string> GivesUp { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IEmbedded> StartAsync(EmbeddedRequest request, CancellationToken cancel)
    {
        Started.Add(request);
        return Task.FromResult<IEmbedded>(new Running(this, cluster));
    }

    private sealed class Running(FakeEmbedded owner, FakeCluster cluster) : IEmbedded
    {
        public ApiClient Client { get; } = new(new Uri("http://127.0.0.1:1"), "secret", cluster);

        public Task<string> Failure => owner.GivesUp.Task;

        public ValueTask DisposeAsync()
        {
            owner.Ended++;
            return ValueTask.CompletedTask;
        }
    }
}
