namespace ClusterBench.Tests.Harness;

/// <summary>
/// The beginnings of the samples' lists, in small batches: as many shards as the samples have (9 of 64 images), a fifth of the work.
/// </summary>
internal static class SmallData
{
    public const int Train = 384;
    public const int Val = 192;
    public const int Images = Train + Val;
    public const int ExtractionShards = 9;

    /// <summary>Writes the lists into the test's folder; returns the words that make a kNN run take them.</summary>
    public static string[] In(TestFolder folder) =>
    [
        "--set", "data.imgs_per_gpu=16",
        "--set", $"data.train.data_source.list_file={Cut(folder, "train.txt", Train)}",
        "--set", $"data.val.data_source.list_file={Cut(folder, "val.txt", Val)}",
    ];

    private static string Cut(TestFolder folder, string list, int images) =>
        folder.Write(list, string.Concat(File.ReadLines(Installation.Sample("fashion", "meta", list)).Take(images).Select(line => line + "\n")));
}
