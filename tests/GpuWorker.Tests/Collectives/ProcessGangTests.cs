using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ClusterBench.GpuWorker.Collectives;
using ClusterBench.Tests.Tasks;

namespace ClusterBench.Tests.Collectives;

/// <summary>Gangs of real processes: equality over the wire, and what the survivors say when a member dies, freezes or is killed in mid-step.</summary>
[Collection(nameof(SocketTests))]
public sealed class ProcessGangTests
{
    private const int Kill = 9, Stop = 19, Continue = 18;

    // A step of it takes long enough to be hit in the middle.
    private const int Long = 500_000;

    [Fact]
    public async Task Three_processes_compute_the_bits_of_one_and_when_one_is_killed_the_others_name_it_within_seconds()
    {
        const int Length = 123_457;
        using var gang = new Members(await MemberProcess.GangAsync(4, 3));
        using var alone = new LocalCollective(Gangs.Group(4, 1, 0));
        var expected = Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(Gangs.Reduce(alone, Length).AsSpan())));
        gang.TellAll($"reduce {Length}");
        foreach (var member in gang.All)
        {
            var mean = await member.SaysAsync("MEAN");
            Assert.Equal(expected, mean[1]);
            // At least two thirds of the bucket out as a sum and its own third to two others; as much in.
            Assert.All(mean[2..], static bytes => Assert.InRange(long.Parse(bytes, CultureInfo.InvariantCulture), 4 * Length, 8L * Length));
        }
        gang.TellAll($"steps {Long}");
        foreach (var member in gang.All)
            _ = await member.SaysAsync("STEPPING");
        var begin = Stopwatch.GetTimestamp();
        gang.All[1].Signal(Kill);
        await gang.SurvivorsSayAsync(1, AbortCause.Closed, begin, 5);
    }

    [Fact]
    public async Task When_a_member_freezes_every_survivor_names_it_and_it_finds_itself_left_when_it_wakes()
    {
        using var gang = new Members(await MemberProcess.GangAsync(4, 3));
        gang.TellAll($"steps {Long}");
        foreach (var member in gang.All)
            _ = await member.SaysAsync("STEPPING");
        var begin = Stopwatch.GetTimestamp();
        gang.All[2].Signal(Stop);
        await gang.SurvivorsSayAsync(2, AbortCause.Silent, begin, 10);
        Assert.True(Stopwatch.GetElapsedTime(begin) > TimeSpan.FromSeconds(2), "silence takes its three seconds");
        gang.All[2].Signal(Continue);
        _ = await gang.All[2].SaysAsync("BROKEN");
    }

    [Fact]
    public async Task The_loss_of_a_member_is_noticed_while_nobody_calls_anything()
    {
        using var gang = new Members(await MemberProcess.GangAsync(2, 2));
        gang.TellAll("wait");
        foreach (var member in gang.All)
            _ = await member.SaysAsync("WAITING");
        // Longer than the silence that would be a loss: keep-alives are what keeps an idle gang together.
        await Task.Delay(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
        var begin = Stopwatch.GetTimestamp();
        gang.All[0].Signal(Kill);
        await gang.SurvivorsSayAsync(0, AbortCause.Closed, begin, 5);
    }

    [Fact]
    public async Task A_member_that_dies_in_the_middle_of_a_reduction_breaks_it_for_all()
    {
        using var folder = new TempFolder();
        using var gang = new Members(await MemberProcess.GangAsync(3, 2, "step.mid-reduce@2:kill", folder.Path));
        gang.TellAll("reduce 1000");
        foreach (var member in gang.All)
            _ = await member.SaysAsync("MEAN");
        var begin = Stopwatch.GetTimestamp();
        gang.TellAll($"reduce {Long}");
        await gang.SurvivorsSayAsync(1, AbortCause.Closed, begin, 10);
        Assert.Equal(128 + Kill, await gang.All[1].ExitAsync());
        Assert.True(File.Exists(Path.Combine(folder.Path, "step.mid-reduce@2-kill")));
    }

    [Fact]
    public async Task A_member_that_fails_in_the_middle_of_a_reduction_tells_the_others_why()
    {
        using var folder = new TempFolder();
        using var gang = new Members(await MemberProcess.GangAsync(3, 2, "step.mid-reduce@1:throw", folder.Path));
        gang.TellAll($"reduce {Long}");
        var begin = Stopwatch.GetTimestamp();
        await gang.SurvivorsSayAsync(1, AbortCause.Failed, begin, 10, "scripted fault at step.mid-reduce");
        Assert.Contains("scripted fault", string.Join(' ', await gang.All[1].SaysAsync("BROKEN")), StringComparison.Ordinal);
    }

    private sealed class Members(MemberProcess[] members) : IDisposable
    {
        public IReadOnlyList<MemberProcess> All => members;

        public void TellAll(string line)
        {
            foreach (var member in members)
                member.Tell(line);
        }

        public async Task SurvivorsSayAsync(int lost, AbortCause cause, long begin, double seconds, string? about = null)
        {
            foreach (var (rank, member) in members.Index().Where(m => m.Index != lost))
            {
                var words = await member.SaysAsync("BROKEN");
                Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalSeconds, 0, seconds);
                var text = string.Join(' ', words);
                Assert.Equal($"{cause} {lost}", $"{words[1]} {words[2]}");
                Assert.Contains($"run run-1, generation 1, worker host/cpu-{rank}", text, StringComparison.Ordinal);
                Assert.Contains($"rank {lost} (worker host/cpu-{lost}, incarnation incarnation{lost})", text, StringComparison.Ordinal);
                Assert.Contains(about ?? "", text, StringComparison.Ordinal);
            }
        }

        public void Dispose()
        {
            foreach (var member in members)
                member.Dispose();
        }
    }
}
