using System.Security.Cryptography;
using ClusterBench.Perf.Cluster;
using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Parts;

/// <summary>Resident memory of a coordinator and a worker that stand by themselves, before and after a run.</summary>
internal static class MemoryPart
{
    public static async Task<IReadOnlyList<Table>> RunAsync(Conditions conditions)
    {
        var rows = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        for (var i = 0; i < conditions.Times(3, 1); i++)
            await OnceAsync(conditions, (name, value) =>
            {
                if (!rows.TryGetValue(name, out var samples))
                    rows[name] = samples = [];
                samples.Add(value);
                conditions.Say(FormattableString.Invariant($"  {name}: {value:0} MB"));
            }).ConfigureAwait(false);
        return [new Table("memory", "MB", null, [.. rows.Select(r => new Row(r.Key, r.Value)
        {
            Goal = r.Key.StartsWith("coordinator", StringComparison.Ordinal) && r.Key.EndsWith("RssAnon", StringComparison.Ordinal) ? "< 120" : null,
        })])
        {
            Notes = ["A coordinator and one worker as processes of their own, standing for some seconds before each reading; the run is the kNN of the samples (ResNet-18 of 16 channels, batches of 64)."],
        }];
    }

    private static async Task OnceAsync(Conditions conditions, Action<string, double> record)
    {
        var folder = Places.Scratch("memory");
        var (state, token) = (Path.Combine(folder, "state"), RandomNumberGenerator.GetHexString(64, lowercase: true));
        await using (var coordinator = ProgramCall.Start(["coordinator", "--port", "0", "--api-port", "0", "--state-dir", state], token))
        await using (var worker = ProgramCall.Start(
            ["worker", "--join", "@" + Path.Combine(state, "cluster.json"), "--device", "cpu", "--work-root", folder], token))
        {
            var access = new ClusterAccess(state, coordinator);
            await access.WorkersAsync(1).ConfigureAwait(false);
            await ReadAsync("idle").ConfigureAwait(false);
            await using (var run = ProgramCall.Start([.. SampleRun.Knn(Path.Combine(folder, "run")), "--cluster", access.File!.Url], token))
                await run.EndAsync().ConfigureAwait(false);
            await ReadAsync("after the run").ConfigureAwait(false);

            async Task ReadAsync(string when)
            {
                await Task.Delay(TimeSpan.FromSeconds(conditions.Times(10, 2))).ConfigureAwait(false);
                foreach (var (name, pid) in new[] { ("coordinator", coordinator.Pid), ("worker", worker.Pid) })
                {
                    var memory = ProcessMemory.Of(pid);
                    record($"{name}, {when}: RssAnon", memory.Anonymous);
                    record($"{name}, {when}: VmRSS", memory.All);
                }
            }
        }
        Directory.Delete(folder, recursive: true);
    }
}
