using System.Globalization;
using ClusterBench.Tests.Harness;

namespace ClusterBench.Tests.Numbers;

/// <summary>The <c>features</c> verb against PyTorch's features of the samples.</summary>
public sealed class FeaturesTests
{
    private static readonly (string Feature, int Width)[] Features = [("feat1", 16), ("feat2", 16), ("feat3", 32), ("feat4", 64), ("feat5", 128)];

    [Fact]
    public async Task All_five_features_are_PyTorchs_within_1e_4_row_by_row_in_list_order_with_their_labels()
    {
        await using var folder = new TestFolder();
        string outDir = folder.At("out");

        var result = (await folder.RunAsync(["features", Installation.SelfsupConfig, "--pretrained", Installation.Simclr, "--features", "feat1 feat2 feat3 feat4 feat5",
            "--out", outDir, "--workers", "2", "--threads", "1", "--device", "cpu", "--work-dir", folder.WorkDir, "--state-dir", folder.StateDir])).Ended(0);

        foreach (var (split, rows) in new[] { ("train", 2000), ("val", 1000) })
        {
            foreach (var (feature, width) in Features)
            {
                var (shape, values) = PyTorch.Read<float>(Path.Combine(outDir, $"{split}_{feature}.npy"));
                Assert.Equal([rows, width], shape);
                if (split == "val")
                    AssertClose(PyTorch.Features("simclr", "val64", feature).Values, values.AsSpan(0, 64 * width), $"first rows of {split}_{feature}");
                if (feature == "feat5")
                    AssertClose(PyTorch.Features("simclr", split, feature).Values, values, $"{split}_{feature}");
                Assert.Contains($"{split}_{feature}.npy", result.Output, StringComparison.Ordinal);
            }

            long[] labels = [.. File.ReadLines(Installation.Sample("fashion", "meta", $"{split}.txt")).Select(line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture))];
            Assert.Equal(labels, PyTorch.Read<long>(Path.Combine(outDir, $"{split}_labels.npy")).Values);
        }

        RunJournal.Read(folder.StateDir).AssertWhole();
        await folder.NothingSurvivesAsync();
    }

    /// <summary>max|a - b| / max|b| over the tensor (design, section 10).</summary>
    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        float largest = 0, difference = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            difference = Math.Max(difference, Math.Abs(expected[i] - actual[i]));
        }

        Assert.True(difference <= 1e-4 * largest, $"{what}: relative difference {difference / largest}");
    }
}
