namespace ClusterBench.Perf.Parts;

/// <summary>The run on the samples that several parts start.</summary>
internal static class SampleRun
{
    public const string Config = "configs/samples/selfsup.yaml";

    /// <summary>One thread per batch, so that two workers share two cores; nothing is taken from the feature store.</summary>
    public static IEnumerable<string> Knn(string workDir) =>
        ["knn", Config, "--pretrained", "samples/simclr_r18w16_fashion.pth", "--threads", "1", "--no-cache", "--work-dir", workDir];

    public static IEnumerable<string> Embedded(string stateDir, int workers) =>
        ["--device", "cpu", "--workers", workers.ToString(System.Globalization.CultureInfo.InvariantCulture), "--state-dir", stateDir];
}
