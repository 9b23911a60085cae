using System.Globalization;
using System.Security.Cryptography;
using ClusterBench.Api;

namespace ClusterBench.Cli.Embedded;

/// <summary>
/// A coordinator and workers as child processes of this call, which owns them: they end with it, however it ends, and
/// <see cref="DisposeAsync"/> returns only when all are gone.
/// </summary>
public sealed class EmbeddedCluster : IAsyncDisposable
{
    /// <summary>Tells the coordinator whose cluster it is: runs of an earlier call wait for <c>resume</c>.</summary>
    public const string OwnerVariable = "CLUSTERBENCH_OWNER";

    private readonly string _session = RandomNumberGenerator.GetHexString(16, lowercase: true);
    private readonly EmbeddedOptions _options;
    private readonly OwnerLock _owner;
    private readonly ChildSupervisor _coordinator;
    private readonly List<ChildSupervisor> _children = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ClusterFile? _file;
    private int _disposed;

    private EmbeddedCluster(EmbeddedOptions options, OwnerLock owner, Action<string> log)
    {
        (_options, _owner) = (options, owner);
        Token = RandomNumberGenerator.GetHexString(64, lowercase: true);
        _coordinator = Add("coordinator", CoordinatorCommand, log, CoordinatorReady);
        for (int slot = 1; slot <= options.Workers; slot++)
        {
            int own = slot;
            Add($"worker-{slot}", _ => WorkerCommand(own), log, static () => { });
        }

        Failure = FirstFailureAsync();
    }

    /// <summary>Base address of the coordinator's API; a coordinator that was started again keeps it unless its port was taken meanwhile.</summary>
    public string Url => _file?.Url ?? throw new InvalidOperationException("The coordinator has not been ready yet.");

    /// <summary>The cluster's secret: 256 random bits as 64 hex digits.</summary>
    public string Token { get; }

    /// <summary>Completes with the reason when a child is given up: it ended five times within a minute without getting ready.</summary>
    public Task<UserErrorException> Failure { get; }

    /// <summary>Starts all children at once and returns when the coordinator's API answers; workers may still be on their way.</summary>
    /// <param name="options">What to start and where.</param>
    /// <param name="log">Takes one line for the user per child that ended unasked.</param>
    /// <param name="cancel">Ends the start; what has been started is gone when the exception arrives.</param>
    /// <exception cref="StateDirOwnedException">Another call owns the state dir.</exception>
    /// <exception cref="UserErrorException">A child crashes at every start, or the coordinator does not get ready in time.</exception>
    public static async Task<EmbeddedCluster> StartAsync(EmbeddedOptions options, Action<string> log, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Workers < 1)
            throw new ArgumentOutOfRangeException(nameof(options), options.Workers, "A cluster needs a worker.");
        options = options with { StateDir = Path.GetFullPath(options.StateDir) };
        var owner = PrepareStateDir(options.StateDir);
        EmbeddedCluster cluster;
        try
        {
            await Orphans.WaitGoneAsync(OwnerLock.ReadCluster(options.StateDir), options.StopTimeout, cancel);
            File.Delete(OwnerLock.ClusterPath(options.StateDir));
            cluster = new EmbeddedCluster(options, owner, log);
        }
        catch
        {
            owner.Dispose();
            throw;
        }

        try
        {
            cluster._children.ForEach(static c => c.Start());
            await cluster.WaitReadyAsync(cancel);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends all children: closes their standard input, kills what is left after 10 s, and waits until none is there.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _children.ForEach(static c => c.RequestStop());
        await Task.WhenAll(_children.Select(c => c.WaitGoneAsync(_options.StopTimeout)));
        foreach (var child in _children)
            await child.DisposeAsync();
        File.Delete(OwnerLock.ClusterPath(_options.StateDir));
        _owner.Dispose();
    }

    private static OwnerLock PrepareStateDir(string stateDir)
    {
        try
        {
            Directory.CreateDirectory(stateDir);
            return OwnerLock.Take(stateDir);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The state dir {stateDir} cannot be used: {e.Message}. Give another folder with --state-dir DIR.", inner: e);
        }
    }

    private async Task WaitReadyAsync(CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var tooLate = Task.Delay(_options.StartTimeout, _options.Time, timeout.Token);
        var first = await Task.WhenAny(_ready.Task, Failure, tooLate);
        cancel.ThrowIfCancellationRequested();
        if (first == Failure)
            throw await Failure;
        if (first == tooLate)
            throw new UserErrorException($"The coordinator was not ready after {_options.StartTimeout.TotalSeconds:0} s.{_coordinator.LastWords}", exitCode: 1);
        await timeout.CancelAsync();
    }

    private async Task<UserErrorException> FirstFailureAsync() => await await Task.WhenAny(_children.Select(static c => c.Failure));

    private void CoordinatorReady()
    {
        if (OwnerLock.ReadCluster(_options.StateDir) is not { } file)
            return;
        _file = file;
        _ready.TrySetResult();
    }

    private ChildSupervisor Add(string name, Func<bool, ChildCommand> command, Action<string> log, Action ready)
    {
        var child = new ChildSupervisor(name, command, Path.Combine(_options.StateDir, "logs", name + ".log"), _options.Time, log, ready);
        _children.Add(child);
        return child;
    }

    private ChildCommand CoordinatorCommand(bool readyBefore)
    {
        // The API keeps its port, so that clients find it again; but a port that somebody took meanwhile must not become a crash loop.
        int apiPort = readyBefore && _file is { } file ? new Uri(file.Url).Port : 0;
        return Command(["coordinator", "--host", "127.0.0.1", "--port", "0", "--api-port", apiPort.ToString(CultureInfo.InvariantCulture),
            "--journal", $"sqlite:{Path.Combine(_options.StateDir, "journal.db")}", "--state-dir", _options.StateDir]);
    }

    private ChildCommand WorkerCommand(int slot) =>
        Command(["worker", "--join", "@" + OwnerLock.ClusterPath(_options.StateDir), "--host", "127.0.0.1", "--port", "0", "--data-port", "0",
            "--device", _options.Device, "--work-root", _options.WorkRoot,
            "--cores", (_options.CoresPerWorker ?? Math.Max(1, Environment.ProcessorCount / _options.Workers)).ToString(CultureInfo.InvariantCulture),
            "--slot", slot.ToString(CultureInfo.InvariantCulture)]);

    private ChildCommand Command(IEnumerable<string> arguments) => new(
        _options.Program,
        [.. arguments, .. _options.Hocon is null ? Array.Empty<string>() : ["--hocon", Path.GetFullPath(_options.Hocon)]],
        new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["CLUSTERBENCH_TOKEN"] = Token,
            [OwnerVariable] = _session,
            ["CLUSTERBENCH_TOKEN_FILE"] = null,
            ["CLUSTERBENCH_PARENT_PID"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        });
}
