using System.Globalization;
using System.Text;

namespace ClusterBench.Arrays;

/// <summary>The header of numpy's .npy format (numpy.lib.format), versions 1 to 3.</summary>
internal static class NpyFormat
{
    public const int MaxHeader = 1 << 16;
    public const int MaxDimensions = 32;

    /// <summary>Magic, version and header length of version 1; of 2 and 3 the length has two bytes more.</summary>
    public const int PreambleSize = 10;

    private const int Alignment = 64;
    private static readonly Dictionary<string, DType> Types = new(StringComparer.Ordinal)
    {
        ["<f4"] = DType.Float32, ["<f2"] = DType.Float16, ["<f8"] = DType.Float64, ["<i8"] = DType.Int64, ["<i4"] = DType.Int32, ["|u1"] = DType.UInt8,
    };

    public static bool TryType(string descr, out DType type) => Types.TryGetValue(descr, out type);

    /// <summary>Preamble and header in version 1; the data after it start at a multiple of 64.</summary>
    public static byte[] Header(DType type, IReadOnlyList<long> shape)
    {
        string descr = Types.First(t => t.Value == type).Key;
        string sizes = string.Concat(shape.Select((n, i) => string.Create(CultureInfo.InvariantCulture, $"{(i > 0 ? " " : "")}{n},")));
        if (shape.Count > 1)
        {
            sizes = sizes[..^1];
        }
        string text = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}), }}";
        int length = (PreambleSize + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        text = text.PadRight(length - PreambleSize - 1) + '\n';
        int headerLength = length - PreambleSize;
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)headerLength, (byte)(headerLength >> 8), .. Encoding.ASCII.GetBytes(text)];
    }
}
