using System.Globalization;
using ClusterBench;
using ClusterBench.Perf;
using ClusterBench.Perf.Measuring;
using ClusterBench.Perf.Output;
using ClusterBench.Perf.Parts;
using ClusterBench.Perf.Subjects;

try
{
    return args is ["subject", var work] ? Subject.Run(work) : await MeasureAsync(args);
}
catch (UserErrorException e)
{
    await Console.Error.WriteLineAsync($"error: {e.Message}");
    return e.ExitCode;
}

static async Task<int> MeasureAsync(string[] args)
{
    var (quick, publish, render) = (args.Contains("--quick"), args.Contains("--publish"), args.Contains("--render"));
    string[] names = [.. args.Where(a => !a.StartsWith('-'))];
    if (args.FirstOrDefault(a => a.StartsWith('-') && a is not ("--quick" or "--publish" or "--render")) is { } unknown)
        throw new UserErrorException($"unknown option {unknown}; there are --quick, --publish and --render");
    if (names.FirstOrDefault(n => PartList.All.All(p => p.Name != n)) is { } wrong)
        throw new UserErrorException($"there is no part {wrong}; there are {string.Join(", ", PartList.All.Select(p => p.Name))}");
    if (quick && publish)
        throw new UserErrorException("--quick numbers mean nothing and are not published");
    if (render)
    {
        PerformanceDoc.Render(Places.Document, ResultFile.Read(Places.Published));
        return 0;
    }

    var time = TimeProvider.System.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
    var file = Path.Combine(Places.Results, $"{time}{(quick ? "-quick" : "")}.json");
    var results = ResultFile.Read(file);
    foreach (var (name, run) in PartList.All.Where(p => names.Length == 0 || names.Contains(p.Name)))
    {
        await Console.Error.WriteLineAsync($"{name} ...");
        var machine = MachineFacts.Here();
        foreach (var table in await run(new Conditions(quick, Console.Error.WriteLine)))
        {
            results[table.Id] = new Measured($"./perf/run {(quick ? "--quick " : "")}{name}", quick, machine, table);
            Console.Out.WriteLine($"\n## {table.Id}\n\n{TableText.Of(results[table.Id])}");
        }
        // After each part, so that what a later one breaks does not take the earlier ones with it.
        ResultFile.Write(file, results);
    }
    Console.Out.WriteLine($"written to {Path.GetRelativePath(Places.Root, file)}");
    if (publish)
    {
        var published = ResultFile.Read(Places.Published);
        foreach (var (id, measured) in results)
            published[id] = measured;
        ResultFile.Write(Places.Published, published);
        PerformanceDoc.Render(Places.Document, published);
        Console.Out.WriteLine($"published in {Path.GetRelativePath(Places.Root, Places.Document)}");
    }
    return 0;
}
