using System.Diagnostics;
using ClusterBench.GpuWorker.Numerics;

namespace ClusterBench.Tests.Numerics;

[Collection(nameof(RunsAlone))]
public sealed class ProbeDigestTests
{
    private const string OutputVariable = "CLUSTERBENCH_TEST_PROBE_FILE";

    [Fact]
    public void The_digest_is_the_same_whenever_this_process_computes_it()
    {
        var first = ProbeDigest.Compute(() => [1, 2, 3]);
        var second = ProbeDigest.Compute(() => [1, 2, 3]);
        Assert.Matches("^[0-9a-f]{64}$", first.Digest);
        Assert.Equal(first, second);
        Assert.Empty(first.Differences(second));
        // What the next test's child processes leave for it.
        if (Environment.GetEnvironmentVariable(OutputVariable) is { Length: > 0 } file)
            File.WriteAllText(file, first.Digest);
    }

    [Fact]
    public async Task Fresh_processes_compute_the_digest_of_this_one()
    {
        var here = ProbeDigest.Compute(() => [1, 2, 3]).Digest;
        for (var i = 0; i < 2; i++)
        {
            var file = Path.GetTempFileName();
            try
            {
                var start = new ProcessStartInfo(
                    Path.Combine(AppContext.BaseDirectory, "GpuWorker.Tests"),
                    ["-method", $"{typeof(ProbeDigestTests).FullName}.{nameof(The_digest_is_the_same_whenever_this_process_computes_it)}"])
                { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
                start.Environment[OutputVariable] = file;
                // What a child must overrule: native code reads these.
                start.Environment["OMP_NUM_THREADS"] = "2";
                start.Environment["MKL_CBWR"] = "COMPATIBLE";
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

    [Fact]
    public void The_resampler_is_part_of_the_digest_and_fields_explain_a_difference()
    {
        var here = ProbeDigest.Compute(() => [1]);
        Assert.NotEqual(here.Digest, ProbeDigest.Compute(() => [2]).Digest, StringComparer.Ordinal);
        var other = here with { Digest = "0", Machine = here.Machine with { Glibc = "2.1", DotNet = "11.0.0" } };
        Assert.Equal([$"glibc: {here.Machine.Glibc}, not 2.1", $".NET: {here.Machine.DotNet}, not 11.0.0"], here.Differences(other), StringComparer.Ordinal);
        Assert.Equal(["all known fields are equal; the processors' kernels differ all the same"], here.Differences(here with { Digest = "0" }), StringComparer.Ordinal);
    }

    [Fact]
    public void The_fields_name_the_versions_that_are_loaded()
    {
        var machine = ProbeDigest.Compute(() => []).Machine;
        Assert.StartsWith("2.10.0", machine.Libtorch, StringComparison.Ordinal);
        Assert.Matches(@"^\d+\.\d+$", machine.Glibc);
        Assert.Contains("family", machine.Cpu, StringComparison.Ordinal);
        Assert.DoesNotContain(machine.Fields, field => field.Value.Length == 0);
    }
}
