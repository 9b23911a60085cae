namespace ClusterBench.Arrays;

/// <summary>A whole .npy file in memory, for content whose hash goes into its name.</summary>
public static class NpyBytes
{
    /// <param name="shape">Row-major.</param>
    /// <param name="elements">As many as the shape says.</param>
    public static byte[] Of<T>(IReadOnlyList<long> shape, ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        using var memory = new MemoryStream();
        var writer = new NpyWriter(memory, DTypes.Of<T>(), shape);
        writer.Append(elements);
        writer.Complete();
        return memory.ToArray();
    }
}
