using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace ClusterBench.Checkpoints.Pickling;

/// <summary>
/// Equality of dictionary keys: by value for texts and numbers, by identity for the rest. Hashes are seeded per process, so no file can
/// aim at one bucket.
/// </summary>
internal sealed class PickleKeys : IEqualityComparer<object>, IEqualityComparer<uint>
{
    public static PickleKeys Comparer { get; } = new();

    public static OrderedDictionary<object, object?> NewDictionary() => new(Comparer);

    /// <summary>Python's lists, dictionaries and sets cannot be keys.</summary>
    public static bool CanBeKey(object? value) => value is not (List<object?> or OrderedDictionary<object, object?> or PickleSet or NumpyArray);

    public new bool Equals(object? x, object? y) => (x, y) switch
    {
        (string a, string b) => a == b,
        (long a, long b) => a == b,
        (double a, double b) => a.Equals(b),
        (bool a, bool b) => a == b,
        (BigInteger a, BigInteger b) => a == b,
        (PickleName a, PickleName b) => a == b,
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        _ => ReferenceEquals(x, y),
    };

    public int GetHashCode([DisallowNull] object obj)
    {
        switch (obj)
        {
            case string or PickleName:
                return obj.GetHashCode();
            case long number:
                return HashCode.Combine((int)number, (int)(number >> 32));
            case double number:
                long bits = BitConverter.DoubleToInt64Bits(number);
                return HashCode.Combine((int)bits, (int)(bits >> 32), 1);
            case bool flag:
                return flag ? 1 : 2;
            case BigInteger big:
                return Hash(big.ToByteArray());
            case byte[] bytes:
                return Hash(bytes);
            default:
                return System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj);
        }
    }

    public bool Equals(uint x, uint y) => x == y;

    public int GetHashCode(uint obj) => HashCode.Combine(obj);

    private static int Hash(byte[] bytes)
    {
        var hash = default(HashCode);
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }
}
