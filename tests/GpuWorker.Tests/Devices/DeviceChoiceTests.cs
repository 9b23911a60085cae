using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Tasks;

namespace ClusterBench.Tests.Devices;

public sealed class DeviceChoiceTests
{
    private static readonly Gpu[] Two = [new(0, "NVIDIA A", new string('a', 32), 80_000_000_000), new(1, "NVIDIA B", new string('b', 32), 24_000_000_000)];
    private readonly List<string> said = [];

    [Theory]
    [InlineData("cuda:0", null, 0), InlineData("cuda:1", 1, 1), InlineData("cuda", null, 0), InlineData("cuda", 0, 0), InlineData("cuda", 1, 0)]
    [InlineData("cuda", 2, 1), InlineData("cuda", 3, 0), InlineData("auto", 2, 1)]
    public void A_number_names_the_gpu_and_without_one_the_workers_of_a_machine_spread_over_them(string wanted, int? slot, int index) =>
        Assert.Equal(Two[index], DeviceChoice.Choose(wanted, slot, true, () => Two, said.Add));

    [Fact]
    public void What_was_not_said_outright_is_told()
    {
        DeviceChoice.Choose("auto", 1, true, () => Two, said.Add);
        DeviceChoice.Choose("cuda", 2, true, () => Two, said.Add);
        DeviceChoice.Choose("cuda:1", 2, true, () => Two, said.Add);
        Assert.Equal(["--device auto: cuda:0 (NVIDIA A, 80 GB)", "--device cuda: cuda:1 (NVIDIA B, 24 GB)"], said);
    }

    [Fact]
    public void The_processor_asks_no_driver() =>
        Assert.Null(DeviceChoice.Choose("cpu", 1, true, () => throw new InvalidOperationException(), said.Add));

    [Theory, InlineData("cuda"), InlineData("cuda:0")]
    public void A_gpu_that_cannot_be_had_is_an_error_and_never_the_processor(string wanted)
    {
        Assert.Equal(
            $"--device {wanted}: this build of the worker is without CUDA (build with -p:WithCuda=true). Take --device cpu to compute on the processor.",
            Error(wanted, hasCuda: false, () => Two));
        Assert.Equal(
            $"--device {wanted}: the driver shows no GPU (check nvidia-smi and CUDA_VISIBLE_DEVICES). Take --device cpu to compute on the processor.",
            Error(wanted, hasCuda: true, () => []));
        Assert.Equal(
            $"--device {wanted}: NVIDIA's driver cannot start: driver too old. Take --device cpu to compute on the processor.",
            Error(wanted, hasCuda: true, () => throw new UserErrorException("NVIDIA's driver cannot start: driver too old")));
    }

    [Fact]
    public void A_number_out_of_range_shows_those_that_there_are() =>
        Assert.Equal(
            "--device cuda:2: there is no such GPU; visible are cuda:0 (NVIDIA A, 80 GB), cuda:1 (NVIDIA B, 24 GB) (CUDA_VISIBLE_DEVICES counts).",
            Error("cuda:2", hasCuda: true, () => Two));

    [Theory, InlineData("gpu"), InlineData("cuda:"), InlineData("cuda:-1"), InlineData("cuda:x"), InlineData("")]
    public void An_unknown_name_is_refused(string wanted) =>
        Assert.Equal($"--device {wanted}: not one of auto, cpu, cuda, cuda:N.", Error(wanted, hasCuda: true, () => Two));

    [Fact]
    public void Auto_without_a_gpu_is_the_processor_and_says_why()
    {
        Assert.Null(DeviceChoice.Choose("auto", 1, false, () => Two, said.Add));
        Assert.Null(DeviceChoice.Choose("auto", 1, true, () => [], said.Add));
        Assert.Equal(
            ["--device auto: cpu (this build of the worker is without CUDA (build with -p:WithCuda=true))",
             "--device auto: cpu (the driver shows no GPU (check nvidia-smi and CUDA_VISIBLE_DEVICES))"],
            said);
    }

    [Fact]
    public void The_driver_lists_its_gpus_or_says_why_it_cannot()
    {
        var error = Record.Exception(() => Assert.Equal(CudaDriver.Gpus().Count, CudaDriver.Gpus().Select(g => g.Index).Distinct().Count()));
        Assert.True(error is null || (error is UserErrorException && error.Message.Contains("NVIDIA's driver", StringComparison.Ordinal)), error?.ToString());
    }

    [Fact]
    public void A_worker_is_named_by_its_gpus_own_number_and_its_slot()
    {
        Assert.Equal($"{Environment.MachineName}/cuda-bbbbbbbb-2", WorkerIdentity.Create(ComputeDevice.Of(Two[1]), 2).Id);
        Assert.Equal($"{Environment.MachineName}/cuda1-2", WorkerIdentity.Create(ComputeDevice.Of(Two[1] with { Uuid = "" }), 2).Id);
        Assert.Equal(("cuda:1", "cpu"), (WorkerIdentity.Create(ComputeDevice.Of(Two[1]), 2).Device, WorkerIdentity.Create(ComputeDevice.Cpu, 2).Device));
        Assert.Equal($"{Environment.MachineName}/cpu-p{Environment.ProcessId}", WorkerIdentity.Create(ComputeDevice.Cpu, null).Id);
    }

    private string Error(string wanted, bool hasCuda, Func<IReadOnlyList<Gpu>> gpus) =>
        Assert.Throws<UserErrorException>(() => DeviceChoice.Choose(wanted, 1, hasCuda, gpus, said.Add)).Message;
}
