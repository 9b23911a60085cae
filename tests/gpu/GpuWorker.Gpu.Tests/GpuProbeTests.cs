using System.Diagnostics;
using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Tasks;

namespace ClusterBench.Tests.OnGpu;

[Collection(nameof(OneAtATime))]
public sealed class GpuProbeTests
{
    private const string OutputVariable = "CLUSTERBENCH_TEST_PROBE_FILE";

    [Fact]
    public void The_digest_repeats_names_the_gpu_and_differs_from_the_processors()
    {
        var (first, second) = (MachineProbe.Compute(TheGpu.Device), MachineProbe.Compute(TheGpu.Device));
        Assert.Equal(first, second);
        Assert.Equal(TheGpu.Device.Gpu!.Name, first.Machine.Gpu);
        Assert.NotEqual(MachineProbe.Compute(ComputeDevice.Cpu).Digest, first.Digest, StringComparer.Ordinal);
        if (Environment.GetEnvironmentVariable(OutputVariable) is { Length: > 0 } file)
            File.WriteAllText(file, first.Digest);
    }

    [Fact]
    public async Task Fresh_processes_compute_the_digest_of_this_one()
    {
        var here = MachineProbe.Compute(TheGpu.Device).Digest;
        for (var i = 0; i < 2; i++)
        {
            var file = Path.GetTempFileName();
            try
            {
                var start = new ProcessStartInfo(
                    Path.Combine(AppContext.BaseDirectory, "GpuWorker.Gpu.Tests"),
                    ["-method", $"{typeof(GpuProbeTests).FullName}.{nameof(The_digest_repeats_names_the_gpu_and_differs_from_the_processors)}"])
                { RedirectStandardOutput = true, UseShellExecute = false };
                start.Environment[OutputVariable] = file;
                using var child = Process.Start(start)!;
                var output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
                await child.WaitForExitAsync(TestContext.Current.CancellationToken);
                Assert.True(child.ExitCode == 0, output);
                Assert.Equal(here, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            }
            finally
            {
                File.Delete(file);
            }
        }
    }
}
