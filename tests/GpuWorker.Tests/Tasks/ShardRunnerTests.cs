using System.Collections.Concurrent;
using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.GpuWorker.Tasks;
using ClusterBench.Protocol;

namespace ClusterBench.Tests.Tasks;

public sealed class ShardRunnerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Executor executor = new();
    private readonly ShardRunner runner;
    private readonly BlockingCollection<bool> changes = [];
    private readonly ConcurrentQueue<string> fatal = [];

    public ShardRunnerTests()
    {
        runner = new ShardRunner(executor, WorkerIdentity.Create(ComputeDevice.Cpu, 1), TimeProvider.System);
        runner.Changed += () => changes.Add(true);
        runner.Fatal += fatal.Enqueue;
    }

    public void Dispose()
    {
        runner.Dispose();
        Assert.True(executor.IsDisposed);
        changes.Dispose();
    }

    [Fact]
    public void A_result_waits_with_the_workers_name_until_it_is_acknowledged()
    {
        Start("r", "a");
        executor.Finish("a");
        WaitForChange();

        var done = Assert.IsType<ShardDone>(Assert.Single(runner.Unacknowledged));
        Assert.Equal(("r", "a", "h"), (done.Run, done.Result.Shard, done.Result.Files.Single().Name));
        Assert.EndsWith("/cpu-1", done.Result.Worker, StringComparison.Ordinal);
        Assert.NotEmpty(done.Result.Incarnation);
        Assert.Null(runner.Current);
        Assert.Single(runner.Unacknowledged);

        runner.Acknowledge(new ShardAck { Run = "other", Shard = "a" });
        Assert.Single(runner.Unacknowledged);
        runner.Acknowledge(new ShardAck { Run = "r", Shard = "a" });
        Assert.Empty(runner.Unacknowledged);
    }

    [Fact]
    public void A_plan_bears_the_same_time_and_worker_as_its_shard()
    {
        executor.Plan = new PlanMade { Batch = 4 };
        Start("r", "prepare");
        executor.Finish("prepare");
        WaitForChange();

        var done = (ShardDone)runner.Unacknowledged.Single();
        Assert.Equal((done.Result.At, done.Result.Worker, done.Result.Incarnation), (done.Plan.At, done.Plan.Worker, done.Plan.Incarnation));
    }

    [Fact]
    public void A_shard_that_comes_while_one_is_in_work_is_dropped_and_may_come_again()
    {
        Start("r", "a");
        runner.Start(Shard("r", "b"));
        runner.Start(Shard("r", "a"));
        Assert.Equal(("r", "a"), runner.Current);
        executor.Finish("a");
        WaitForChange();
        Assert.Equal(["a"], executor.Started);

        Start("r", "b");
        executor.Finish("b");
        WaitForChange();
        Assert.Equal(["a", "b"], executor.Started);
    }

    [Fact]
    public void A_shard_that_is_done_and_not_acknowledged_is_not_computed_again()
    {
        Start("r", "a");
        executor.Finish("a");
        WaitForChange();

        runner.Start(Shard("r", "a"));

        Assert.Null(runner.Current);
        Assert.Single(runner.Unacknowledged);
        Assert.Equal(["a"], executor.Started);
    }

    [Fact]
    public void Abandon_cancels_the_runs_shard_forgets_its_results_and_leaves_other_runs()
    {
        Start("r", "a");
        executor.Finish("a");
        WaitForChange();
        Start("other", "b");
        runner.Abandon("r");
        Assert.Empty(runner.Unacknowledged);
        executor.Finish("b");
        WaitForChange();
        Assert.Single(runner.Unacknowledged);

        Start("r", "c");
        runner.Abandon("r");
        WaitForChange();
        Assert.Null(runner.Current);
        Assert.Equal("other", ((ShardDone)runner.Unacknowledged.Single()).Run);
    }

    [Fact]
    public void An_error_after_a_cancel_is_nobodys()
    {
        executor.Error = new UserErrorException("the file was removed meanwhile");
        Start("r", "a");
        runner.Abandon("r");
        WaitForChange();
        Assert.Empty(runner.Unacknowledged);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Only_what_a_user_can_mend_is_fatal_to_the_run_and_the_worker_goes_on(bool user)
    {
        executor.Error = user ? new UserErrorException("a.png is truncated") : new IOException("stale handle");
        Start("r", "a");
        executor.Finish("a");
        WaitForChange();

        var error = Assert.IsType<ShardError>(Assert.Single(runner.Unacknowledged));
        Assert.Equal((user, user ? "a.png is truncated" : "IOException: stale handle"), (error.Fatal, error.Reason));
        Assert.Empty(fatal);
        executor.Error = null;
        Start("r", "b");
        executor.Finish("b");
        WaitForChange();
        Assert.Equal(2, runner.Unacknowledged.Count);
    }

    [Fact]
    public void After_kernels_that_cannot_be_trusted_the_process_is_told_to_end_and_takes_no_shard()
    {
        executor.Error = new UnreliableKernelException("ResNet-18", "value 3 differs");
        Start("r", "a");
        executor.Finish("a");
        WaitForChange();

        Assert.Contains("ResNet-18", Assert.Single(fatal), StringComparison.Ordinal);
        Assert.False(Assert.IsType<ShardError>(Assert.Single(runner.Unacknowledged)).Fatal);
        runner.Start(Shard("r", "b"));
        Assert.Null(runner.Current);
        Assert.Equal(["a"], executor.Started);
    }

    [Fact]
    public void Progress_is_that_of_the_shard_in_work()
    {
        Assert.Null(runner.Progress);
        Start("r", "a");
        Assert.Equal((3L, 9L), (runner.Progress!.Done, runner.Progress.Total));
        executor.Finish("a");
        WaitForChange();
        Assert.Null(runner.Progress);
    }

    private static RunShard Shard(string run, string shard) => new() { Run = run, Shard = shard };

    /// <summary>Returns when the executor is at it.</summary>
    private void Start(string run, string shard)
    {
        runner.Start(Shard(run, shard));
        executor.WaitStarted(shard);
    }

    private void WaitForChange() => Assert.True(changes.TryTake(out _, Patience));

    /// <summary>Works on a shard until the test lets it finish, or it is canceled.</summary>
    private sealed class Executor : IShardExecutor
    {
        private readonly ConcurrentDictionary<string, (ManualResetEventSlim Started, ManualResetEventSlim Finish)> gates = new(StringComparer.Ordinal);

        public List<string> Started { get; } = [];

        public Exception? Error { get; set; }

        public PlanMade? Plan { get; set; }

        public bool IsDisposed { get; private set; }

        public ShardDone Execute(RunShard shard, Action<long, long> progress, CancellationToken cancel)
        {
            Started.Add(shard.Shard);
            progress(3, 9);
            var gate = Gate(shard.Shard);
            gate.Started.Set();
            try
            {
                gate.Finish.Wait(cancel);
            }
            catch (OperationCanceledException) when (Error is not null)
            {
            }

            return Error is null ? new ShardDone { Result = new ShardCompleted { Files = { new ShardFile { Name = "h" } } }, Plan = Plan } : throw Error;
        }

        public void Dispose() => IsDisposed = true;

        public void Finish(string shard) => Gate(shard).Finish.Set();

        public void WaitStarted(string shard) => Assert.True(Gate(shard).Started.Wait(Patience));

        private (ManualResetEventSlim Started, ManualResetEventSlim Finish) Gate(string shard) => gates.GetOrAdd(shard, _ => (new(), new()));
    }
}
