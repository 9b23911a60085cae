using ClusterBench.Cli.Clusters;
using ClusterBench.Tests.Fakes;

namespace ClusterBench.Tests.Clusters;

public sealed class DeviceChoiceTests
{
    [Theory]
    [InlineData("auto", 0, false, "cpu", "no GPU is visible")]
    [InlineData("auto", 2, false, "cpu", "2 GPU(s) visible, but this build is without CUDA; build with -p:WithCuda=true to use them")]
    [InlineData("auto", 2, true, "cuda", "2 GPU(s) visible")]
    [InlineData("cpu", 2, true, "cpu", "as asked")]
    [InlineData("cuda:1", 2, true, "cuda:1", "as asked")]
    public void A_choice_says_why(string wanted, int gpus, bool cuda, string device, string why) =>
        Assert.Equal(new DeviceChoice(device, why), DeviceChoice.Embedded(wanted, gpus, cuda));

    [Theory]
    [InlineData(2, false, "this build is without CUDA")]
    [InlineData(0, true, "no GPU is visible here")]
    public void A_GPU_that_is_asked_for_and_not_there_is_an_error_and_never_the_processor(int gpus, bool cuda, string text) =>
        Assert.Contains(text, Assert.Throws<UserErrorException>(() => DeviceChoice.Embedded("cuda", gpus, cuda)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", 0)]
    [InlineData("0", 1)]
    [InlineData("0,2", 2)]
    [InlineData("0,-1,2", 1)]
    public void The_visible_GPUs_are_those_of_the_environment(string list, int count)
    {
        using var cli = new CliHarness();
        cli.Environment["CUDA_VISIBLE_DEVICES"] = list;

        Assert.Equal(count, DeviceChoice.VisibleGpus(cli.Around()));
    }
}
