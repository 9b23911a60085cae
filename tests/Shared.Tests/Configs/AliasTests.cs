using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

public sealed class AliasTests : IDisposable
{
    private const string Theirs = """
        data:
          samples_per_gpu: 32
          train: &images
            type: SingleViewDataset
            data_source: {type: ImageNet, data_prefix: data/images, ann_file: data/list.txt}
            pipeline: [{type: ToTensor}]
          val: *images
        """;

    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_of_MMSelfSup_are_read_and_noted_once()
    {
        var built = RunConfigBuilder.Build(_folder.Request(dataset: Theirs));
        Assert.Equal(32, built.Config.BatchSize);
        Assert.Equal(_folder.At("data/list.txt"), RunConfigBuilder.Build(_folder.Request(dataset: Theirs) with { DataRoot = _folder.At("data") }).Config.Data["val"].Source.ListFile);
        Assert.Equal(
            [
                "dataset.yaml: 'samples_per_gpu' is read as 'imgs_per_gpu'",
                "dataset.yaml: 'SingleViewDataset' is read as 'ClassificationDataset'",
                "dataset.yaml: 'data_prefix' is read as 'root'",
                "dataset.yaml: 'ann_file' is read as 'list_file'",
            ],
            built.Notes.Take(4).Select(n => n.Replace(_folder.Root + "/", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Both_names_can_be_mixed_over_a_base_and_an_option()
    {
        _folder.Write("base.yaml", "data: {samples_per_gpu: 32}");
        _folder.Write("child.yaml", "_base_: base.yaml\ndata: {imgs_per_gpu: 16}");
        int Batch(params string[] sets) => (int)(long)((ConfigScalar)((ConfigMap)ConfigLoader.Load(_folder.At("child.yaml"), sets: sets).Tree.Find("data")!.Value).Find("imgs_per_gpu")!.Value).Value!;
        Assert.Equal(16, Batch());
        Assert.Equal(8, Batch("data.samples_per_gpu=8"));
    }

    [Fact]
    public void Both_names_in_one_place_are_an_error() => Assert.Equal(
        "dataset.yaml:2:3  data.samples_per_gpu: is another name of 'imgs_per_gpu', which stands at dataset.yaml:3:3; keep one",
        _folder.BuildErrors(dataset: Theirs.Replace("samples_per_gpu: 32", "samples_per_gpu: 32\n  imgs_per_gpu: 16", StringComparison.Ordinal))[0]);
}
