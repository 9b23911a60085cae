namespace ClusterBench.Perf.Inputs;

/// <summary>Normal numbers that are the same in every call: splitmix64 by counter, then Box and Muller's transform.</summary>
internal sealed class Noise(ulong seed)
{
    private ulong _counter = seed << 40;

    public void Fill(Span<float> values, double scale)
    {
        for (var i = 0; i < values.Length; i += 2)
        {
            var radius = scale * Math.Sqrt(-2 * Math.Log(1 - Uniform()));
            var (sine, cosine) = Math.SinCos(2 * Math.PI * Uniform());
            values[i] = (float)(radius * cosine);
            if (i + 1 < values.Length)
                values[i + 1] = (float)(radius * sine);
        }
    }

    public int Below(int limit) => (int)(Uniform() * limit);

    /// <returns>At least 0, below 1.</returns>
    private double Uniform()
    {
        var z = (_counter += 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
