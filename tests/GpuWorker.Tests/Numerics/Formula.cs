using System.Text;

namespace ClusterBench.Tests.Numerics;

/// <summary>
/// Values that depend on a name and an index only (FNV-1a of the name, SplitMix64 of the sum), so that the Python side and this
/// one fill networks and inputs alike without shipping them.
/// </summary>
internal static class Formula
{
    /// <summary>A number in [0, 1) for element <paramref name="index"/> of <paramref name="name"/>.</summary>
    public static double Unit(string name, long index) => Unit(Hash(name), index);

    /// <summary>(2r - 1) * scale for every element.</summary>
    public static void Fill(Span<float> values, string name, double scale)
    {
        var hash = Hash(name);
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)((2 * Unit(hash, i) - 1) * scale);
    }

    /// <summary>The values of a tensor of a state dict, by the last part of its name and its dimensions.</summary>
    public static void FillTensor(Span<float> values, string name, IReadOnlyList<long> shape)
    {
        var hash = Hash(name);
        var kind = name[(name.LastIndexOf('.') + 1)..];
        Func<double, double> value = (kind, shape.Count) switch
        {
            ("running_mean", _) => r => 0.1 * (2 * r - 1),
            ("running_var", _) => r => 1 + 0.5 * r,
            ("weight", 1) => r => 1 + 0.1 * (2 * r - 1),
            ("weight", _) => Kernel(values.Length / (double)shape[0]),
            _ => r => 0.02 * (2 * r - 1),
        };
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)value(Unit(hash, i));
    }

    private static Func<double, double> Kernel(double fanIn)
    {
        var bound = Math.Sqrt(3 / fanIn);
        return r => (2 * r - 1) * bound;
    }

    private static ulong Hash(string name)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var b in Encoding.UTF8.GetBytes(name))
            hash = unchecked((hash ^ b) * 0x100000001B3);
        return hash;
    }

    private static double Unit(ulong hash, long index)
    {
        unchecked
        {
            var z = hash + (ulong)index + 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
        }
    }
}

public sealed class FormulaTests
{
    [Theory]
    [InlineData("input", 1, 0.14747860371491817)]
    [InlineData("conv1.weight", 0, 0.5450749789171447)]
    [InlineData("layer1.0.bn1.running_var", 5, 0.12935395350192658)]
    [InlineData("fc.bias", 999, 0.710309227258732)]
    public void The_formula_gives_the_values_of_the_reference(string name, long index, double expected) =>
        Assert.Equal(expected, Formula.Unit(name, index));
}
