using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace ClusterBench.Tests.Numerics;

/// <summary>Reads the reference arrays of tests/fixtures (NumPy's format, version 1.0, row-major).</summary>
internal static partial class Npy
{
    public static (T[] Values, int[] Shape) Read<T>(string file, string type) where T : unmanaged
    {
        var bytes = File.ReadAllBytes(file);
        var header = Encoding.ASCII.GetString(bytes, 10, BitConverter.ToUInt16(bytes, 8));
        Assert.Contains($"'descr': '{type}'", header, StringComparison.Ordinal);
        Assert.Contains("'fortran_order': False", header, StringComparison.Ordinal);
        int[] shape = [.. Numbers().Matches(ShapePattern().Match(header).Value).Select(size => int.Parse(size.ValueSpan, null))];
        return (MemoryMarshal.Cast<byte, T>(bytes.AsSpan(10 + header.Length)).ToArray(), shape);
    }

    public static (float[] Values, int[] Shape) Floats(string file) => Read<float>(file, "<f4");

    public static sbyte[] Bytes(string file) => Read<sbyte>(file, "|i1").Values;

    [GeneratedRegex(@"\([^)]*\)", RegexOptions.None, 1000)]
    private static partial Regex ShapePattern();

    [GeneratedRegex(@"\d+", RegexOptions.None, 1000)]
    private static partial Regex Numbers();
}
