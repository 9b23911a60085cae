using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterBench.GpuWorker.Numerics;

/// <summary>Comparison of results bit by bit: NaN equals the same NaN, 0 differs from -0.</summary>
public static class Bits
{
    /// <summary>Where two results differ first, for a message; null when they do not.</summary>
    public static string? Difference(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        if (first.Length != second.Length)
            return string.Create(CultureInfo.InvariantCulture, $"{first.Length} and {second.Length} values");
        var at = MemoryMarshal.Cast<float, int>(first).CommonPrefixLength(MemoryMarshal.Cast<float, int>(second));
        return at == first.Length ? null
            : string.Create(CultureInfo.InvariantCulture, $"value {at} of {first.Length} is {first[at]:R} and {second[at]:R}");
    }

    /// <summary>The same for results of several arrays.</summary>
    public static string? Difference(float[][] first, float[][] second)
    {
        for (var i = 0; i < first.Length; i++)
            if (Difference(first[i], second[i]) is { } where)
                return string.Create(CultureInfo.InvariantCulture, $"array {i}, {where}");
        return null;
    }
}
