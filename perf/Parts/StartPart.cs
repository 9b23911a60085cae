using ClusterBench.Perf.Cluster;
using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Parts;

/// <summary>How long an embedded call takes to get to work, and the whole kNN run on the samples.</summary>
internal static class StartPart
{
    public static async Task<IReadOnlyList<Table>> RunAsync(Conditions conditions)
    {
        string[] names = ["first line of output", "first worker registered", "plan made", "first shard of features done", "the call has ended (2,000 + 1,000 images, kNN, report)"];
        var samples = names.Select(_ => new List<double>()).ToArray();
        for (var i = 0; i < conditions.Times(10, 2); i++)
        {
            var times = await OnceAsync().ConfigureAwait(false);
            for (var j = 0; j < names.Length; j++)
                samples[j].Add(times[j]);
            conditions.Say($"  start {i + 1}: {string.Join(", ", names.Zip(times, (n, t) => FormattableString.Invariant($"{n} {t:0.00} s")))}");
        }
        return [new Table("start", "s", null, [.. names.Zip(samples, (name, s) => new Row(name, s))])
        {
            Notes = ["clusterbench knn on the samples, two workers, one thread each, built before; counted from the start of ./clusterbench."],
        }];
    }

    private static async Task<double[]> OnceAsync()
    {
        var folder = Places.Scratch("start");
        var (state, work) = (Path.Combine(folder, "state"), Path.Combine(folder, "run"));
        await using var call = ProgramCall.Start([.. SampleRun.Knn(work), .. SampleRun.Embedded(state, 2)]);
        await new ClusterAccess(state, call).WorkersAsync(1).ConfigureAwait(false);
        var registered = TimeProvider.System.GetUtcNow() - call.Begun;
        var took = await call.EndAsync().ConfigureAwait(false);
        var events = new EventFollower(work, call);
        var plan = await events.FirstAsync(e => e.Event.Type == "PlanMade", "a plan").ConfigureAwait(false);
        var shard = await events.FirstAsync(e => e.IsExtraction, "a shard").ConfigureAwait(false);
        Directory.Delete(folder, recursive: true);
        return [call.FirstLine!.Value.TotalSeconds, registered.TotalSeconds, (plan.Event.At - call.Begun).TotalSeconds, (shard.Event.At - call.Begun).TotalSeconds, took.TotalSeconds];
    }
}
