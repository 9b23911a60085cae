using System.Diagnostics;
using System.Runtime.Versioning;
using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Mistakes;

[SupportedOSPlatform("linux")]
public sealed class CrashLoopTests
{
    [Fact]
    public async Task A_worker_that_dies_at_every_start_ends_the_run_with_its_last_lines()
    {
        await using var folder = new TestFolder();
        // An installation whose worker is broken: the same program (hard links to its files) with another worker beside it.
        using (var copy = Process.Start("cp", ["-al", Installation.Folder, folder.At("program")]))
            await copy.WaitForExitAsync(TestContext.Current.CancellationToken);
        string worker = folder.Write("program/worker/clusterbench-worker", "#!/bin/sh\necho \"libtorch_cpu.so: cannot open shared object file (try $$)\" >&2\nexit 127\n");
        File.SetUnixFileMode(worker, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var call = folder.Start(folder.Knn(Installation.Simclr, 1, SmallData.In(folder)), program: folder.At("program", "clusterbench"));

        var result = await call.EndAsync();

        result.Ended(1).Complained("worker-1", "5 times", "libtorch_cpu.so: cannot open shared object file", "exit status 127", folder.At("state", "logs", "worker-1.log"));
        await folder.NothingSurvivesAsync();
        // On a busy machine the worker is given up before the run was even submitted; either way nothing stands in its way afterwards.
        (await folder.RunAsync(folder.Knn(Installation.Simclr, 1, SmallData.In(folder)))).Ended(0);
    }
}
