using ClusterBench.Configs;

namespace ClusterBench.GpuWorker.Images;

/// <summary>
/// ToTensor and Normalize as one table of 256 floats per channel: a byte has only 256 values, and the table holds exactly what
/// x / 255 and then (v - mean) / std come to in float32.
/// </summary>
internal sealed class ChannelTables
{
    private readonly float[][] _tables = [new float[256], new float[256], new float[256]];

    public ChannelTables(IEnumerable<NormalizeConfig> normalizations)
    {
        foreach (var table in _tables)
            for (var x = 0; x < 256; x++) table[x] = x / 255f;
        foreach (var step in normalizations)
            for (var c = 0; c < 3; c++)
                foreach (ref var value in _tables[c].AsSpan()) value = (value - (float)step.Mean[c]) / (float)step.Std[c];
    }

    /// <summary>Interleaved bytes to channels-first floats [3, height, width].</summary>
    public void Apply(ReadOnlySpan<byte> pixels, Span<float> chw)
    {
        var plane = pixels.Length / 3;
        for (var c = 0; c < 3; c++)
        {
            ReadOnlySpan<float> table = _tables[c];
            var target = chw.Slice(c * plane, plane);
            for (int i = 0, from = c; i < target.Length; i++, from += 3) target[i] = table[pixels[from]];
        }
    }
}
