namespace ClusterBench.Arrays;

/// <summary>A .npy file that cannot be used; the message names the file, the reason and what to do.</summary>
public sealed class NpyException(string file, string what)
    : UserErrorException($"{file} cannot be used as a .npy array: {what}. Write it again with numpy.save, C order, little-endian, of a type that is read (float32, float16, float64, int64, int32, uint8).");
