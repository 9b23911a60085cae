using System.Runtime.InteropServices;
using ClusterBench.GpuWorker.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Numerics;

public sealed partial class NativeSetupTests
{
    [Fact]
    public void Native_code_sees_the_environment_that_results_are_promised_for()
    {
        NativeSetup.Initialize();
        string[] names = ["OMP_WAIT_POLICY", "OMP_DYNAMIC", "MKL_DYNAMIC", "MKL_CBWR", "OMP_NUM_THREADS", "CUBLAS_WORKSPACE_CONFIG"];
        Assert.Equal("PASSIVE FALSE FALSE AUTO 1 :4096:8", string.Join(' ', names.Select(name => Marshal.PtrToStringUTF8(GetEnvironment(name)))));
    }

    [Fact]
    public void A_missing_file_of_libtorch_is_an_error_that_names_it()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            foreach (var name in new[] { "libLibTorchSharp.so", "libtorch_cpu.so", "libc10.so", "libgomp-98b21ff3.so.1" })
                File.WriteAllText(Path.Combine(folder.FullName, name), "");
            var error = Assert.Throws<UserErrorException>(() => NativeFiles.Require(folder.FullName));
            Assert.Equal(
                $"The worker cannot start: libtorch.so is missing in {folder.FullName}. These files of libtorch belong beside the program: build or copy it again with all of its files.",
                error.Message);
            File.WriteAllText(Path.Combine(folder.FullName, "libtorch.so"), "");
            NativeFiles.Require(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // A 3x3 convolution of 512 channels is what oneDNN sums wrongly, and a 1x1 one what it divides by zero in, on virtual machines
    // that hide the processor's caches; elsewhere this is a plain test of the two.
    [Theory, InlineData(512, 3, 7), InlineData(1024, 1, 14)]
    public void Convolutions_are_right_whatever_the_machine_says_of_its_caches(int channels, int kernel, int side)
    {
        using var scope = NewDisposeScope();
        using var off = inference_mode();
        var (images, weights) = (empty(2, channels, side, side), empty(8, channels, kernel, kernel));
        Formula.Fill(images.Floats(), "images", 1);
        Formula.Fill(weights.Floats(), "weights", 1);
        var all = cat([.. Enumerable.Repeat(weights, channels / 8)], 0);
        var stride = kernel == 1 ? 2 : 1;
        var result = nn.functional.conv2d(images.ChannelsLast(), all.ChannelsLast(), null, [stride, stride], [kernel / 2, kernel / 2]);
        var (output, at) = ((int)result.shape[2], (int)result.shape[2] / 2);
        for (var filter = 0; filter < 8; filter++)
        {
            double expected = 0;
            for (var c = 0; c < channels; c++)
                for (var y = 0; y < kernel; y++)
                    for (var x = 0; x < kernel; x++)
                        expected += (double)images.Floats()[(c * side + at * stride + y - kernel / 2) * side + at * stride + x - kernel / 2]
                            * weights.Floats()[((filter * channels + c) * kernel + y) * kernel + x];
            var values = result.contiguous().Floats();
            Assert.Equal(expected, values[(filter * output + at) * output + at], 1e-3);
            Assert.Equal(expected, values[((channels - 8 + filter) * output + at) * output + at], 1e-3);
        }
    }

    [Fact]
    public void Tensors_of_libtorch_begin_at_64_bytes_and_channels_last_keeps_the_values()
    {
        using var scope = NewDisposeScope();
        for (var size = 1; size < 40; size++)
            Assert.True(TensorMemory.Copy(new float[size], size).IsAligned());
        var tensor = TensorMemory.Copy([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 1, 3, 2, 2);
        var moved = tensor.ChannelsLast();
        Assert.Equal([12L, 1, 6, 3], moved.stride());
        Assert.Equal(tensor.Floats().ToArray(), moved.contiguous().Floats().ToArray());
        Assert.Throws<ArgumentException>(() => moved.Floats().Length);
    }

    [LibraryImport("libc.so.6", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetEnvironment(string name);
}
