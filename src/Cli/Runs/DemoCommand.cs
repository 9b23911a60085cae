using System.Globalization;
using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Clusters;
using ClusterBench.Cli.Progress;

namespace ClusterBench.Cli.Runs;

/// <summary>The tour: a pretrained and an untrained network side by side, in one embedded cluster, always anew.</summary>
internal static class DemoCommand
{
    private const string Config = "configs/samples/selfsup.yaml";
    private const string Pretrained = "samples/simclr_r18w16_fashion.pth";
    private const string Untrained = "samples/random_init_r18w16.pth";

    public static async Task<int> RunAsync(int workers, bool json, Surroundings outside, CancellationToken cancel)
    {
        // Everything that the demo names lies in the program's folder, wherever it is called.
        Surroundings around = outside with { Directory = outside.ProgramRoot() };
        around.Error.WriteLine($"clusterbench {ProgramVersion.Text}: demo in {around.Directory}");
        long start = around.Time.GetTimestamp();
        string folder = around.FullPath("work_dirs/demo");
        var cluster = new ClusterChoice(null, Path.Combine(folder, ".clusterbench"));
        await ClusterFiles.RefuseForeignAsync(cluster, around, cancel).ConfigureAwait(false);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);

        string backbone = Path.Combine(folder, "simclr_backbone.pth");
        around.Error.WriteLine($"1. extracting the backbone of {Pretrained}, which SimCLR pretrained without labels");
        foreach (string line in around.Parts.Files.ExtractBackbone(around.FullPath(Pretrained), backbone))
            around.Error.WriteLine($"   {line}");
        around.Error.WriteLine("2. kNN: 1,000 images of clothes are classified by their most similar ones among 2,000");
        PreparedRun[] runs =
        [
            Prepare(backbone, Path.Combine(folder, "simclr"), cluster, around),
            Prepare(around.FullPath(Untrained), Path.Combine(folder, "random_init"), cluster, around),
        ];
        IReadOnlyList<Finished> finished;
        try
        {
            finished = await CarryOutAsync(runs, workers, cluster, around, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            around.Error.WriteLine("interrupted; 'clusterbench demo' starts anew");
            return ExitCodes.Interrupted;
        }
        return Print(finished, around.Time.GetElapsedTime(start), json, folder, around);
    }

    private static PreparedRun Prepare(string checkpoint, string workDir, ClusterChoice cluster, Surroundings around) => PreparedRun.Of(
        // One thread per batch: the two workers share the cores.
        new RunCall { Benchmark = "knn", Config = Config, Pretrained = checkpoint, WorkDir = workDir, Threads = 1, Device = "cpu", Cluster = cluster },
        new DeviceChoice("cpu", "the demo's"), around);

    private static Task<IReadOnlyList<Finished>> CarryOutAsync(PreparedRun[] runs, int workers, ClusterChoice cluster, Surroundings around, CancellationToken cancel) =>
        ProgressViews.RunAsync<IReadOnlyList<Finished>>(around, async progress =>
        {
            RunSession session = await RunSession.OpenAsync(cluster, workers, "cpu", around, progress.Say, cancel).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                var known = new List<RunView>();
                foreach (PreparedRun run in runs)
                {
                    RunFile file = RunCommand.Register(run, null, known, around);
                    known.Add(await session.StartAsync(file.Submission, acceptHardware: false, progress, cancel).ConfigureAwait(false));
                }
                var finished = new List<Finished>();
                foreach (RunView run in known)
                {
                    RunView view = await session.FollowAsync(run.Run, progress, cancel).ConfigureAwait(false);
                    finished.Add(await Outcomes.CollectAsync(session, view, around, cancel).ConfigureAwait(false));
                }
                return finished;
            }
        });

    private static int Print(IReadOnlyList<Finished> finished, TimeSpan took, bool json, string folder, Surroundings around)
    {
        Finished? bad = finished.FirstOrDefault(run => run.View.Status != RunStates.Completed);
        RunOutcome[] children = [.. finished.Select(run => Outcomes.Of(run, around))];
        if (bad is null)
            around.Parts.Reports.Compare([.. finished.Select(run => run.Results).OfType<RunResults>()], Path.Combine(folder, "report.html"));
        if (bad is not null)
            around.Error.WriteLine($"error: {bad.View.Run} {bad.View.Status}: {bad.View.Error ?? "no reason given"}. 'clusterbench logs {bad.View.Run} --state-dir {around.ShownPath(Path.Combine(folder, ".clusterbench"))}' shows what happened.");
        else if (!json)
        {
            around.Out.WriteLine("kNN on Fashion-MNIST, accuracy in percent");
            around.Out.WriteLine();
            around.Out.Write(MetricsTable.Of([("SimCLR, no labels", children[0].Metrics), ("untrained network", children[1].Metrics)]));
            around.Out.WriteLine();
            around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"done in {took.TotalSeconds:0.0} s on {finished[0].Results?.Hardware.GetValueOrDefault("CPU") ?? "this machine"}"));
            foreach (string report in finished.SelectMany(run => run.Report.Take(1)).Prepend(Path.Combine(folder, "report.html")))
                around.Out.WriteLine($"report    {around.ShownPath(report)}");
        }
        if (json)
        {
            Outcomes.PrintJson(new RunOutcome
            {
                Run = "demo", Benchmark = "demo", Status = bad?.View.Status ?? RunStates.Completed, WorkDir = around.ShownPath(folder),
                Metrics = new Dictionary<string, double>(StringComparer.Ordinal), Seconds = took.TotalSeconds, Error = bad?.View.Error, Children = children,
            }, around);
        }
        return bad is null ? ExitCodes.Done : ExitCodes.Failed;
    }
}
