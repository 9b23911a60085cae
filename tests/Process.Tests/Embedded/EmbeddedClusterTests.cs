using System.Diagnostics;
using ClusterBench.Cli.Embedded;
using static ClusterBench.Tests.Embedded.ChildScript;

namespace ClusterBench.Tests.Embedded;

public sealed class EmbeddedClusterTests
{
    [Fact]
    public async Task Children_are_told_everything_by_arguments_but_the_token_by_environment()
    {
        using var script = new ChildScript("worker() { echo \"$CLUSTERBENCH_TOKEN\" >\"$state/token\"; ready; until_closed; }");
        await using var cluster = await script.StartAsync(o => o with { CoresPerWorker = 3, Device = "cpu", Workers = 1 });
        await script.PidAsync("worker-1", 1);
        await EventuallyAsync(() => script.Lines("token").Length == 1, "the worker has a token");

        Assert.Equal("http://127.0.0.1:4242", cluster.Url);
        Assert.Matches("^[0-9a-f]{64}$", cluster.Token);
        Assert.Equal([cluster.Token], script.Lines("token"));
        string state = script.StateDir;
        Assert.Equal([$"coordinator --host 127.0.0.1 --port 0 --api-port 0 --journal sqlite:{state}/journal.db --state-dir {state}"],
            script.Lines("coordinator.arguments"));
        Assert.Equal([$"worker --join @{state}/cluster.json --host 127.0.0.1 --port 0 --data-port 0 --device cpu --work-root {state} --cores 3 --slot 1"],
            script.Lines("worker-1.arguments"));
    }

    [Fact]
    public async Task A_killed_worker_is_started_again_at_once_and_the_next_time_a_second_later()
    {
        using var script = new ChildScript();
        await using var cluster = await script.StartAsync();
        int first = await script.PidAsync("worker-2", 1);

        Kill(first);
        int second = await script.PidAsync("worker-2", 2);
        long begin = Stopwatch.GetTimestamp();
        Kill(second);
        await script.PidAsync("worker-2", 3);

        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalSeconds, 0.9, 20);
        Assert.Equal(
            [$"worker-2 (pid {first}) ended by signal 9 (SIGKILL: killed, perhaps for want of memory); it is started again at once",
             $"worker-2 (pid {second}) ended by signal 9 (SIGKILL: killed, perhaps for want of memory); it is started again in 1 s"],
            script.Notices);
        Assert.Single(script.Lines("worker-1.pids"));
        Assert.Single(script.Lines("coordinator.pids"));
        Assert.False(cluster.Failure.IsCompleted);
    }

    [Fact]
    public async Task A_coordinator_that_ends_well_comes_back_on_its_API_port_and_on_another_one_if_that_is_taken()
    {
        using var script = new ChildScript("""
            coordinator() {
                case $port in
                    0) publish "$(wc -l <"$state/coordinator.pids" | tr -d ' ')000" ;;
                    *) [ -e "$state/port-taken" ] && exit 1; publish "$port" ;;
                esac
                until_closed
            }
            """);
        await using var cluster = await script.StartAsync(o => o with { Time = new HastyTime() });
        Assert.Equal("http://127.0.0.1:1000", cluster.Url);

        Kill(await script.PidAsync("coordinator", 1));
        await script.PidAsync("coordinator", 2);
        // A coordinator that is killed before it has said that it is ready is started without the port, which is not what is meant here.
        await EventuallyAsync(() => File.ReadAllText(Path.Combine(script.StateDir, "logs", "coordinator.log")).Split("clusterbench: ready").Length == 3, "ready twice");
        Assert.Equal("http://127.0.0.1:1000", cluster.Url);

        File.WriteAllText(Path.Combine(script.StateDir, "port-taken"), "");
        Kill(await script.PidAsync("coordinator", 2));
        await EventuallyAsync(() => cluster.Url == "http://127.0.0.1:4000", "the coordinator is back on another port");

        string[] ports = [.. script.Lines("coordinator.arguments").Select(a => a.Split("--api-port ")[1].Split(' ')[0])];
        Assert.Equal(["0", "1000", "1000", "0"], ports);
    }

    [Fact]
    public async Task A_worker_that_dies_at_every_start_fails_the_cluster_with_its_last_lines_and_its_log()
    {
        using var script = new ChildScript("worker() { echo \"no libtorch here, try $slot\" >&2; exit 3; }");
        await using var cluster = await script.StartAsync(o => o with { Workers = 1, Time = new HastyTime() });

        var failure = await cluster.Failure.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(1, failure.ExitCode);
        Assert.Equal(
            $"""
            worker-1 ended 5 times within 60 s before it was ready, the last time with exit status 3; it is not started again. Its last lines:
                no libtorch here, try 1
            The whole log: {script.StateDir}/logs/worker-1.log
            """, failure.Message);
        Assert.Equal(5, script.Lines("worker-1.pids").Length);
        Assert.Equal(5, File.ReadAllLines(Path.Combine(script.StateDir, "logs", "worker-1.log")).Count(l => l == "no libtorch here, try 1"));
    }

    [Fact]
    public async Task A_program_that_cannot_be_started_at_all_is_one_clear_error()
    {
        using var script = new ChildScript();

        var error = await Assert.ThrowsAsync<UserErrorException>(() => script.StartAsync(o => o with { Program = "/nowhere/clusterbench" }));

        Assert.Contains("cannot be started", error.Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/clusterbench", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_coordinator_that_never_gets_ready_ends_the_start_with_its_last_lines_and_leaves_nothing_behind()
    {
        using var script = new ChildScript("coordinator() { echo waiting for godot; until_closed; }");

        var error = await Assert.ThrowsAsync<UserErrorException>(() => script.StartAsync(o => o with { StartTimeout = TimeSpan.FromSeconds(1) }));

        Assert.Equal(1, error.ExitCode);
        Assert.Contains("not ready after 1 s", error.Message, StringComparison.Ordinal);
        Assert.Contains("    waiting for godot", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, script.Pids().Length);
        Assert.DoesNotContain(script.Pids(), Lives);
    }

    [Fact]
    public async Task A_start_that_is_canceled_leaves_nothing_behind()
    {
        using var script = new ChildScript("coordinator() { until_closed; }");
        using var cancel = new CancellationTokenSource();
        var start = script.StartAsync(cancel: cancel.Token);
        await EventuallyAsync(() => script.Pids().Length == 3, "all children are there");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.DoesNotContain(script.Pids(), Lives);
    }

    [Fact]
    public async Task Dispose_returns_when_all_children_are_gone_also_one_that_does_not_want_to_end()
    {
        using var script = new ChildScript("""
            worker() {
                trap '' TERM INT HUP
                sleep 1000 & echo $! >>"$state/grandchild-$slot.pids"
                ready
                while :; do wait; done
            }
            """);
        var cluster = await script.StartAsync(o => o with { StopTimeout = TimeSpan.FromSeconds(1) });
        await EventuallyAsync(() => script.Pids().Length == 5, "coordinator, two workers and their children");
        Assert.All(script.Pids(), pid => Assert.True(Lives(pid)));

        await cluster.DisposeAsync();

        Assert.DoesNotContain(script.Pids(), Lives);
        Assert.False(File.Exists(Path.Combine(script.StateDir, "cluster.json")));
    }

    [Fact]
    public async Task Children_end_when_their_parent_is_killed()
    {
        using var script = new ChildScript();
        using var parent = ParentProcess.Start(script.StateDir);
        await EventuallyAsync(() => script.Pids().Length == 3, "the parent's children are there");
        Assert.All(script.Pids(), pid => Assert.True(Lives(pid)));

        parent.Kill();

        await EventuallyAsync(() => !script.Pids().Any(Lives), "all children are gone");
    }

    [Fact]
    public async Task A_second_owner_learns_whose_cluster_runs_there_and_the_next_one_may_have_the_state_dir()
    {
        using var script = new ChildScript();
        await using (await script.StartAsync())
        {
            var error = await Assert.ThrowsAsync<StateDirOwnedException>(() => script.StartAsync());

            Assert.Equal(2, error.ExitCode);
            Assert.Equal(Environment.ProcessId, error.OwnerPid);
            Assert.Equal("http://127.0.0.1:4242", error.Cluster?.Url);
            Assert.Contains("--state-dir", error.Message, StringComparison.Ordinal);
            Assert.Contains(script.StateDir, error.Message, StringComparison.Ordinal);
        }

        await using var next = await script.StartAsync();
        Assert.Equal(2, script.Lines("coordinator.pids").Length);
    }

    [Fact]
    public async Task The_logs_of_the_call_before_are_kept_beside_the_new_ones()
    {
        using var script = new ChildScript("coordinator() { echo \"I am $$\"; publish 4242; until_closed; }");
        for (int i = 0; i < 2; i++)
            await (await script.StartAsync()).DisposeAsync();

        string log = Path.Combine(script.StateDir, "logs", "coordinator.log");
        string[] pids = script.Lines("coordinator.pids");
        Assert.Contains(File.ReadLines(log + ".previous"), l => l == $"I am {pids[0]}");
        Assert.Contains(File.ReadLines(log), l => l == $"I am {pids[1]}");
    }
}
