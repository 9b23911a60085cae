using System.Diagnostics;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Tests.Features;
using ClusterBench.Tests.Models;

namespace ClusterBench.Tests.Numerics;

/// <summary>What a worker does where a virtual machine hides the processor's caches, and that it says so.</summary>
[Collection(nameof(RunsAlone))]
public sealed class HiddenCachesTests
{
    [Fact]
    public void The_notes_and_the_machines_fields_say_how_oneDNN_is_used_here()
    {
        var caches = ProbeDigest.Compute(() => []).Machine.Caches;
        Assert.Equal(NativeSetup.Caches is not CacheState.OneDnnOff, TorchContext.UsesOneDnn);
        switch (NativeSetup.Caches)
        {
            case CacheState.Told:
                Assert.Empty(NativeSetup.Notes);
                Assert.DoesNotContain("hidden", caches, StringComparison.Ordinal);
                break;
            case CacheState.Cured:
                Assert.Contains("oneDNN works with its own defaults instead", Assert.Single(NativeSetup.Notes), StringComparison.Ordinal);
                Assert.Equal("hidden by the virtual machine: oneDNN's defaults", caches);
                break;
            default:
                Assert.Contains("convolutions run without oneDNN", Assert.Single(NativeSetup.Notes), StringComparison.Ordinal);
                Assert.Equal("hidden by the virtual machine: without oneDNN", caches);
                break;
        }
    }

    [Fact]
    public void Convolutions_round_nothing_and_repeat_on_a_GPU() => Assert.True(TorchContext.IsCudaExact);

    [Fact]
    public void Features_are_those_of_PyTorch_with_and_without_oneDNN()
    {
        var isOff = Environment.GetEnvironmentVariable(LibtorchSetup.WithoutOneDnn) is { Length: > 0 };
        Assert.Equal(isOff, !TorchContext.UsesOneDnn && NativeSetup.Caches is CacheState.OneDnnOff && NativeSetup.PretendIncurable);
        var (expected, width) = Samples.Features("simclr", "val64_feat5");
        using var source = new Batches(Samples.Images(16), 16);
        using var weights = Samples.Weights("simclr");
        using var extractor = new GpuWorker.Features.FeatureExtractor(Samples.Config, weights, new(["feat5"], "gap", BatchSize: 16, Threads: 1, Tokens: 1));
        var rows = new float[16 * width];
        extractor.Extract(source.All(), [rows], TestContext.Current.CancellationToken);
        Assert.InRange(ModelFixture.Relative(rows, expected.AsSpan(0, rows.Length)), 0, 1e-5);
    }

    /// <summary>The switch works before libtorch loads only, so the two tests above run once more in a process of their own.</summary>
    [Fact]
    public async Task A_process_in_which_oneDNN_cannot_be_cured_computes_the_same_features_without_it()
    {
        if (Environment.GetEnvironmentVariable(LibtorchSetup.WithoutOneDnn) is { Length: > 0 })
            return;
        var name = typeof(HiddenCachesTests).FullName;
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "GpuWorker.Tests"),
            ["-method", $"{name}.{nameof(Features_are_those_of_PyTorch_with_and_without_oneDNN)}", "-method", $"{name}.{nameof(The_notes_and_the_machines_fields_say_how_oneDNN_is_used_here)}"])
        { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment[LibtorchSetup.WithoutOneDnn] = "1";
        using var child = Process.Start(start)!;
        var output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, output);
        Assert.Contains("Total: 2", output, StringComparison.Ordinal);
    }
}
