using ClusterBench.Perf.Cluster;
using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Parts;

/// <summary>
/// From kill -9 of a process of an embedded call to progress again. Each kill has a call of its own, since the parent waits longer
/// before each further start within a minute.
/// </summary>
internal static class RecoveryPart
{
    private const int ListRepeats = 100;

    public static async Task<IReadOnlyList<Table>> RunAsync(Conditions conditions)
    {
        var folder = Places.Scratch("recovery");
        var data = WriteData(folder);
        var rows = new List<Row>();
        foreach (var (kill, names) in new (Func<LongRun, Task<double[]>>, string[])[]
        {
            (KillOnlyWorkerAsync, ["only worker killed: next shard recorded"]),
            (KillOneOfTwoAsync, ["one of two workers killed: its shard is given back", "one of two workers killed: that shard is done", "one of two workers killed: the new process has done a shard"]),
            (KillCoordinatorAsync, ["coordinator killed: a result that waited is recorded", "coordinator killed: a shard handed out after it is done"]),
        })
        {
            var samples = names.Select(_ => new List<double>()).ToArray();
            for (var i = 0; i < conditions.Times(5, 1); i++)
            {
                var run = await LongRun.StartAsync(Path.Combine(folder, $"{rows.Count}-{i}"), data, kill == KillOnlyWorkerAsync ? 1 : 2).ConfigureAwait(false);
                await using (run.ConfigureAwait(false))
                {
                    var times = await kill(run).ConfigureAwait(false);
                    for (var j = 0; j < names.Length; j++)
                    {
                        samples[j].Add(times[j]);
                        conditions.Say(FormattableString.Invariant($"  {names[j]}: {times[j]:0.00} s"));
                    }
                }
            }
            rows.AddRange(names.Zip(samples, (name, s) => new Row(name, s)));
        }
        Directory.Delete(folder, recursive: true);
        return [new Table("recovery", "s", null, rows)
        {
            Notes = ["clusterbench features on the samples' training list repeated 100 times, shards of 256 images (some 0.3 s each), one thread per worker; counted from the signal."],
        }];
    }

    private static async Task<double[]> KillOnlyWorkerAsync(LongRun run)
    {
        var killed = run.Kill(run.Workers[0].Pid);
        var next = await run.Events.FirstAsync(e => e.IsExtraction && e.Seen > killed, "progress after the kill").ConfigureAwait(false);
        return [(next.Seen - killed).TotalSeconds];
    }

    private static async Task<double[]> KillOneOfTwoAsync(LongRun run)
    {
        var old = run.Workers.Select(w => w.Incarnation).ToHashSet(StringComparer.Ordinal);
        var killed = run.Kill(run.Workers[0].Pid);
        var back = await run.Events.FirstAsync(e => e.Event.Type == "ShardFailed" && e.Seen > killed, "its shard given back").ConfigureAwait(false);
        var done = await run.Events.FirstAsync(e => e.IsExtraction && e.Shard == back.Shard && e.Seen > back.Seen, "its shard done").ConfigureAwait(false);
        var replaced = await run.Events.FirstAsync(e => e.IsExtraction && !old.Contains(e.Incarnation), "a shard of the new process").ConfigureAwait(false);
        return [(back.Seen - killed).TotalSeconds, (done.Seen - killed).TotalSeconds, (replaced.Seen - killed).TotalSeconds];
    }

    private static async Task<double[]> KillCoordinatorAsync(LongRun run)
    {
        var killed = run.Kill(run.Coordinator);
        var next = await run.Events.FirstAsync(e => e.IsExtraction && e.Seen > killed, "progress after the kill").ConfigureAwait(false);
        var begun = await run.Events.FirstAsync(e => e.IsExtraction && e.Seen >= next.Seen && e.WorkBegun > killed, "a shard begun after the kill").ConfigureAwait(false);
        return [(next.Seen - killed).TotalSeconds, (begun.Seen - killed).TotalSeconds];
    }

    private static string WriteData(string folder)
    {
        var sample = Path.Combine(Places.Root, "samples", "fashion");
        var once = File.ReadAllLines(Path.Combine(sample, "meta", "train.txt"));
        var list = Path.Combine(folder, "train.txt");
        File.WriteAllLines(list, Enumerable.Repeat(once, ListRepeats).SelectMany(lines => lines));
        var config = Path.Combine(folder, "data.yaml");
        File.WriteAllText(config, $"_base_: {Path.Combine(Places.Root, "configs", "samples", "knn.yaml")}\ndata:\n  train:\n    data_source: {{list_file: {list}, root: {sample}}}\n");
        return config;
    }
}
