namespace ClusterBench.Configs;

/// <summary>Checks <c>use_fp16</c>, <c>fp16</c> and our own <c>precision</c>.</summary>
internal static class PrecisionSchema
{
    public const string Fp32 = "fp32";

    /// <summary>What a config with <c>use_fp16: true</c> comes to on a processor, which has no fast fp16.</summary>
    public const string Fp32ForFp16 = "fp32 (config: fp16)";

    /// <summary>What a resolved config may hold.</summary>
    public static readonly IReadOnlyList<string> Resolved = [Fp32, Fp32ForFp16];

    /// <summary>As in OpenMixup <c>use_fp16</c> alone switches it on; <c>fp16</c> by itself holds its parameters.</summary>
    public static string Read(MapReader root, BenchmarkPurpose purpose, List<string> notes)
    {
        root.Map("fp16");
        var wanted = root.Bool("use_fp16") == true;
        if (root.Take("precision") is not null)
        {
            return root.Name("precision", DatasetSchema.Precisions, "precision") ?? Fp32;
        }
        if (!wanted)
        {
            return Fp32;
        }
        if (purpose.Device == "cuda")
        {
            root.Fail("use_fp16", "must be false: training in fp16 on CUDA is not built yet (--set use_fp16=false trains in fp32)");
            return Fp32;
        }
        notes.Add($"{root.Place("use_fp16")}: warning: use_fp16 is true, but a CPU trains in fp32; the results say '{Fp32ForFp16}'");
        return Fp32ForFp16;
    }
}
