using System.Security.Cryptography;
using System.Text;
using ClusterBench.Checkpoints;
using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Training;

/// <summary>Fine-tuning on the beginning of the samples' lists: 4 virtual ranks of 8 images, 5 steps an epoch (the last is short), 2 epochs.</summary>
internal static class SmallTraining
{
    public const int StepsPerEpoch = 5, Epochs = 2, Steps = StepsPerEpoch * Epochs;

    public static string Config { get; } = Path.Combine(Installation.Root, "configs", "samples", "finetune.yaml");

    /// <summary>The words of a call on this machine.</summary>
    public static string[] Call(TestFolder folder, int workers, params string[] more) =>
    [
        "finetune", Config, Installation.Simclr, "--workers", $"{workers}", .. Words(folder), "--work-dir", folder.WorkDir, "--state-dir", folder.StateDir, .. more,
    ];

    /// <summary>What makes the run small, and the same on every machine.</summary>
    public static string[] Words(TestFolder folder, int images = 140, int epochs = Epochs) =>
    [
        "--threads", "1", "--device", "cpu", "--json",
        "--set", "data.imgs_per_gpu=8", "--set", $"runner.max_epochs={epochs}",
        "--set", $"data.train.data_source.list_file={List(folder, "train.txt", images)}",
        "--set", $"data.val.data_source.list_file={List(folder, "val.txt", 96)}",
    ];

    /// <summary>SHA-256 over every tensor of a checkpoint: weights, buffers, counters, momentum.</summary>
    public static string Bits(string file)
    {
        using var checkpoint = Checkpoint.Open(file);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, tensor) in checkpoint.Tensors.Select(entry => (entry.Path, entry.Tensor)))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{path} [{string.Join(',', tensor.Shape)}]\n"));
            hash.AppendData(tensor.ToArray());
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public static string FinalBits(TestFolder folder) => Bits(Path.Combine(folder.WorkDir, $"epoch_{Epochs}.pth"));

    private static string List(TestFolder folder, string list, int images)
    {
        string path = folder.At(list);
        if (!File.Exists(path))
        {
            string[] lines = File.ReadAllLines(Installation.Sample("fashion", "meta", list));
            File.WriteAllText(path, string.Concat(Enumerable.Range(0, images).Select(i => lines[i % lines.Length] + "\n")));
        }

        return path;
    }
}
