using System.Runtime.InteropServices;

namespace ClusterBench.Perf.Inputs;

/// <summary>Features that lie around a centre per class, far enough apart to be learnt and near enough to be confused.</summary>
internal static class KnnInputs
{
    public const string Bank = "bank.bin", Queries = "queries.bin", BankLabels = "bank_labels.bin", QueryLabels = "query_labels.bin";
    public const double Temperature = 0.07;
    public static readonly IReadOnlyList<int> Ks = [10, 20, 100, 200];

    private const float Distance = 3;

    public static void Write(string folder, int bank, int queries, int width, int classes)
    {
        var noise = new Noise(2);
        var centres = new float[classes * width];
        noise.Fill(centres, 1);
        WriteSplit(folder, Bank, BankLabels, bank);
        WriteSplit(folder, Queries, QueryLabels, queries);

        void WriteSplit(string target, string rowsFile, string labelsFile, int rows)
        {
            var (values, labels) = (new float[rows * width], new int[rows]);
            noise.Fill(values, Distance);
            for (var row = 0; row < rows; row++)
            {
                labels[row] = noise.Below(classes);
                for (var i = 0; i < width; i++)
                    values[row * width + i] += centres[labels[row] * width + i];
            }
            File.WriteAllBytes(Path.Combine(target, rowsFile), MemoryMarshal.AsBytes(values.AsSpan()));
            File.WriteAllBytes(Path.Combine(target, labelsFile), MemoryMarshal.AsBytes(labels.AsSpan()));
        }
    }
}
