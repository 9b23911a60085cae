using System.Buffers;

namespace ClusterBench.GpuWorker.Images;

/// <summary>
/// One direction of an antialiased resampling: for each wanted output position the first input position and the fixed-point
/// weights of the inputs from there on. Holds pooled arrays: dispose it.
/// </summary>
/// <remarks>
/// Pillow's definition: output x is centred at (x + 0.5) * scale of the input; the kernel is stretched by max(scale, 1); weights
/// are made to sum to 1 in double and then rounded, halves away from zero, to 22 binary places.
/// </remarks>
internal readonly struct ResampleAxis : IDisposable
{
    /// <summary>Binary places of a weight: 32 bits less 8 of the pixel and 2 for overshoot.</summary>
    public const int FractionBits = 22;

    private readonly int[] _weights, _firsts, _counts;
    private readonly int _stride;

    /// <param name="input">Length of the picture along this axis.</param>
    /// <param name="output">Length that the whole axis is resampled to.</param>
    /// <param name="start">First output position that is wanted.</param>
    /// <param name="count">How many output positions are wanted.</param>
    public ResampleAxis(int input, int output, int start, int count, ResampleFilter filter)
    {
        var scale = (double)input / output;
        var stretch = Math.Max(scale, 1);
        var support = filter.Support * stretch;
        Count = count;
        _stride = (int)Math.Ceiling(support) * 2 + 1;
        _weights = ArrayPool<int>.Shared.Rent(checked(_stride * count));
        _firsts = ArrayPool<int>.Shared.Rent(count);
        _counts = ArrayPool<int>.Shared.Rent(count);
        var exact = ArrayPool<double>.Shared.Rent(_stride);
        for (var x = 0; x < count; x++)
        {
            var center = (start + x + 0.5) * scale;
            var first = Math.Max(0, (int)(center - support + 0.5));
            var taps = Math.Min(input, (int)(center + support + 0.5)) - first;
            (_firsts[x], _counts[x]) = (first, taps);
            Weigh(filter, first - center + 0.5, 1 / stretch, exact.AsSpan(0, taps));
            Round(exact.AsSpan(0, taps), _weights.AsSpan(x * _stride, taps));
        }
        ArrayPool<double>.Shared.Return(exact);
    }

    public int Count { get; }

    /// <summary>The first input position that any wanted output needs.</summary>
    public int InputStart => _firsts[0];

    /// <summary>One past the last input position that any wanted output needs.</summary>
    public int InputEnd => _firsts[Count - 1] + _counts[Count - 1];

    /// <summary>The first input position of an output.</summary>
    public int First(int output) => _firsts[output];

    /// <summary>The weights of the inputs from <see cref="First"/> on.</summary>
    public ReadOnlySpan<int> Weights(int output) => _weights.AsSpan(output * _stride, _counts[output]);

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_weights);
        ArrayPool<int>.Shared.Return(_firsts);
        ArrayPool<int>.Shared.Return(_counts);
    }

    private static void Weigh(ResampleFilter filter, double offset, double shrink, Span<double> weights)
    {
        double sum = 0;
        for (var i = 0; i < weights.Length; i++) sum += weights[i] = filter.Weight((i + offset) * shrink);
        if (sum == 0) return;
        foreach (ref var weight in weights) weight /= sum;
    }

    private static void Round(ReadOnlySpan<double> exact, Span<int> weights)
    {
        for (var i = 0; i < exact.Length; i++)
            weights[i] = (int)(exact[i] * (1 << FractionBits) + (exact[i] < 0 ? -0.5 : 0.5));
    }
}
