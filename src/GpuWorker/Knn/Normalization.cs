using System.Runtime.Intrinsics;

namespace ClusterBench.GpuWorker.Knn;

/// <summary>Feature vectors to unit length: x / max(||x||, 1e-12), as torch.nn.functional.normalize.</summary>
public static class Normalization
{
    private const double Smallest = 1e-12;

    /// <summary>
    /// Writes the normalised rows. The squares are summed in double in an order that does not depend on the processor's vectors.
    /// </summary>
    /// <param name="features">Rows x width, row-major.</param>
    /// <param name="destination">As long as <paramref name="features"/>; may be the same memory.</param>
    /// <param name="split">Which data the rows are of, for the message: e.g. <c>train</c>.</param>
    /// <param name="firstRow">Number of the first row in the split, for the message.</param>
    /// <exception cref="UserErrorException">A row holds NaN or infinity: no neighbour of it would mean anything.</exception>
    public static void Rows(ReadOnlySpan<float> features, int width, Span<float> destination, string split, int firstRow = 0)
    {
        for (var row = 0; row < features.Length / width; row++)
        {
            var source = features.Slice(row * width, width);
            var norm = Math.Sqrt(SumOfSquares(source));
            if (!double.IsFinite(norm))
                throw new UserErrorException(
                    $"The features of the {split} split are not numbers: row {firstRow + row} holds NaN or infinity. " +
                    "Check the checkpoint for NaN, and the image of that row (rows count from 0 in the order of the list).", exitCode: 1);
            var divisor = (float)Math.Max(norm, Smallest);
            var target = destination.Slice(row * width, width);
            for (var i = 0; i < width; i++)
                target[i] = source[i] / divisor;
        }
    }

    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        Vector256<double> low = default, high = default;
        var i = 0;
        for (; i <= values.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var (first, second) = Vector256.Widen(Vector256.Create(values.Slice(i, Vector256<float>.Count)));
            low += first * first;
            high += second * second;
        }
        var sum = low + high;
        var total = sum[0] + sum[1] + (sum[2] + sum[3]);
        for (; i < values.Length; i++)
            total += (double)values[i] * values[i];
        return total;
    }
}
