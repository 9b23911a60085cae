using System.Runtime.InteropServices;
using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Devices;

public sealed class ComputeDeviceTests
{
    private static readonly ComputeDevice Gpu = ComputeDevice.Of(new Gpu(0, "NVIDIA A", "", 80_000_000_000));

    [Fact]
    public void On_the_processor_nothing_is_copied_and_each_handle_is_its_own()
    {
        using var tensor = TensorMemory.Copy([1, 2, 3], 3);
        var there = ComputeDevice.Cpu.Put(tensor);
        var back = ComputeDevice.Cpu.Bring(there);
        Assert.Equal((tensor.Address(), tensor.Address()), (there.Address(), back.Address()));
        there.Dispose();
        back.Dispose();
        Assert.Equal([1f, 2, 3], tensor.Floats().ToArray());
    }

    [Fact]
    public void Results_come_back_in_the_order_of_rows()
    {
        using var scope = NewDisposeScope();
        var turned = TensorMemory.Copy([1, 2, 3, 4, 5, 6], 2, 3).t();
        Assert.Equal([1f, 4, 2, 5, 3, 6], ComputeDevice.Cpu.Bring(turned).Floats().ToArray());
    }

    [Fact]
    public void A_gpu_computes_one_thing_at_a_time() => Assert.Equal((4, 1), (ComputeDevice.Cpu.Tokens(4), Gpu.Tokens(4)));

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.11 GiB\nException raised from malloc")]
    [InlineData("CUDA error: out of memory")]
    [InlineData("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")]
    public void Too_little_memory_names_the_batch_and_the_ways_out(string message)
    {
        var error = Assert.Throws<UserErrorException>(() => Fail(Gpu, Torch(message)));
        Assert.Equal(
            $"cuda:0 (NVIDIA A, 80 GB) on {Environment.MachineName} has not enough free memory for a batch of 64 images. Take a smaller data.imgs_per_gpu or another "
            + $"device (--device cuda:N, --device cpu); nvidia-smi shows whether another process holds its memory. libtorch says: {message.Split('\n')[0]}",
            error.Message);
    }

    [Fact]
    public void A_broken_gpu_ends_the_process_and_not_the_run()
    {
        var error = Assert.Throws<DeviceFailedException>(() => Fail(Gpu, Torch("CUDA error: an illegal memory access was encountered\nmore")));
        Assert.IsType<UnusableProcessException>(error, exactMatch: false);
        Assert.Equal("cuda:0 (NVIDIA A, 80 GB) failed during a batch of 64 images: CUDA error: an illegal memory access was encountered", error.Message);
    }

    [Fact]
    public void Other_errors_pass_as_they_are()
    {
        Assert.Throws<ExternalException>(() => Fail(Gpu, Torch("shapes cannot be multiplied")));
        Assert.Throws<ExternalException>(() => Fail(ComputeDevice.Cpu, Torch("out of memory")));
    }

#pragma warning disable CA2201 // what TorchSharp throws
    private static ExternalException Torch(string message) => new(message);
#pragma warning restore CA2201

    private static int Fail(ComputeDevice device, Exception error) => device.Run<int>("a batch of 64 images", "a smaller data.imgs_per_gpu", () => throw error);
}
