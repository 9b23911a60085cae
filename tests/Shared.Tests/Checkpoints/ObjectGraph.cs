using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using ClusterBench.Checkpoints;
using ClusterBench.Checkpoints.Pickling;

namespace ClusterBench.Tests.Checkpoints;

/// <summary>Finds and compares things in a decoded object graph.</summary>
internal static class ObjectGraph
{
    public static object? At(object? root, IEnumerable<string> path) => path.Aggregate(root, (at, key) => at switch
    {
        OrderedDictionary<object, object?> d => d.First(p => Convert.ToString(p.Key, CultureInfo.InvariantCulture) == key).Value,
        List<object?> list => list[int.Parse(key, CultureInfo.InvariantCulture)],
        object?[] tuple => tuple[int.Parse(key, CultureInfo.InvariantCulture)],
        PickleObject { State: OrderedDictionary<object, object?> state } => state[key],
        _ => throw new InvalidOperationException($"{key} of {at}"),
    });

    /// <summary>Every value with this dictionary key, wherever it hangs.</summary>
    public static List<object?> WithKey(object? root, string key)
    {
        var found = new List<object?>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Queue<object?>([root]);
        while (open.TryDequeue(out object? at))
        {
            if (at is null || (!at.GetType().IsValueType && !seen.Add(at)))
            {
                continue;
            }
            foreach ((object k, object? value) in at as OrderedDictionary<object, object?> ?? [])
            {
                if (k is string name && name == key)
                {
                    found.Add(value);
                }
                open.Enqueue(value);
            }
            foreach (object? item in at as IEnumerable<object?> ?? [])
            {
                open.Enqueue(item);
            }
            open.Enqueue((at as PickleObject)?.State);
        }
        return found;
    }

    public static bool Same(object? value, JsonElement expected) => (value, expected.ValueKind) switch
    {
        (string text, JsonValueKind.String) => text == expected.GetString(),
        (BigInteger big, JsonValueKind.String) => big.ToString(CultureInfo.InvariantCulture) == expected.GetString(),
        (PickleObject date, JsonValueKind.String) => Date(date) == expected.GetString(),
        (bool flag, JsonValueKind.True or JsonValueKind.False) => flag == expected.GetBoolean(),
        (long number, JsonValueKind.Number) => number == expected.GetDouble(),
        (double number, JsonValueKind.Number) => number == expected.GetDouble(),
        (Complex number, JsonValueKind.Array) => number == new Complex(expected[0].GetDouble(), expected[1].GetDouble()),
        (List<object?> list, JsonValueKind.Array) => SameItems(list, expected),
        (object?[] tuple, JsonValueKind.Array) => SameItems(tuple, expected),
        (PickleSet set, JsonValueKind.Array) => SameItems(set.Items, expected),
        (NumpyArray array, JsonValueKind.Array) => Same(Nested(array, [], 0), expected),
        _ => false,
    };

    private static bool SameItems(IReadOnlyList<object?> items, JsonElement expected) =>
        items.Count == expected.GetArrayLength() && items.Zip(expected.EnumerateArray(), Same).All(same => same);

    /// <summary>datetime's ten bytes: year (big-endian), month, day, hour, minute, second, microseconds.</summary>
    private static string Date(PickleObject date) => date.Arguments is [byte[] { Length: 10 } b]
        ? new DateTime((b[0] * 256) + b[1], b[2], b[3], b[4], b[5], b[6], DateTimeKind.Unspecified).ToString("s", CultureInfo.InvariantCulture)
        : "";

    private static object? Nested(NumpyArray array, long[] index, long depth)
    {
        if (depth < array.Shape.Count)
        {
            return Enumerable.Range(0, (int)array.Shape[(int)depth]).Select(i => Nested(array, [.. index, i], depth + 1)).ToList();
        }
        long at = 0;
        for (int i = 0; i < index.Length; i++)
        {
            int d = array.FortranOrder ? index.Length - 1 - i : i;
            at = (at * array.Shape[d]) + index[d];
        }
        byte[] data = (byte[])array.Data!;
        return array.DType switch
        {
            "i8" => BinaryPrimitives.ReadInt64LittleEndian(data.AsSpan((int)at * 8)),
            "f4" => (double)BinaryPrimitives.ReadSingleLittleEndian(data.AsSpan((int)at * 4)),
            "U3" => Encoding.UTF32.GetString(data, (int)at * 12, 12).TrimEnd('\0'),
            _ => throw new InvalidOperationException(array.DType),
        };
    }
}
