using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterBench.Perf.Measuring;

/// <summary>
/// Lets contestants do the same work in turns, so that whatever the machine does besides meets all of them; who begins changes from
/// round to round.
/// </summary>
internal static class Race
{
    /// <summary>What glibc is told in a worker (numerics.md), for a peer by its environment.</summary>
    public static readonly IReadOnlyDictionary<string, string> SameMalloc = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["MALLOC_MMAP_THRESHOLD_"] = "4294967296", ["MALLOC_TRIM_THRESHOLD_"] = "8589934592", ["MALLOC_TOP_PAD_"] = "268435456", ["MALLOC_ARENA_MAX"] = "1",
    };

    public static async Task<IReadOnlyList<Row>> RunAsync(IReadOnlyList<Contestant> contestants, int rounds, string unit, Action<string> say)
    {
        var repetitions = contestants.ToDictionary(c => c, _ => new List<Repetition>());
        for (var round = 0; round < rounds; round++)
            for (var turn = 0; turn < contestants.Count; turn++)
            {
                var contestant = contestants[(round + turn) % contestants.Count];
                var repetition = await contestant.RepeatAsync().ConfigureAwait(false);
                repetitions[contestant].Add(repetition);
                say(string.Create(CultureInfo.InvariantCulture,
                    $"  round {round + 1}: {contestant.Name}: {repetition.Units / repetition.Wall:0.00} {unit}, {repetition.Wall:0.00} s, CPU {repetition.Cpu:0.00} s"));
            }
        return [.. contestants.Select(c => new Row(c.Name, [.. repetitions[c].Select(r => r.Units / r.Wall)])
        {
            IsPeer = c.IsPeer, Cpu = [.. repetitions[c].Select(r => r.Cpu / r.Units)],
        })];
    }

    /// <summary>Largest difference of two outputs over the largest value of the first.</summary>
    public static double Difference(string first, string second)
    {
        var a = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(first));
        var b = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(second));
        if (a.Length != b.Length)
            throw new UserErrorException($"{first} holds {a.Length} numbers and {second} {b.Length}: the contestants did not do the same work.", exitCode: 1);
        double difference = 0, largest = 0;
        for (var i = 0; i < a.Length; i++)
        {
            difference = Math.Max(difference, Math.Abs((double)a[i] - b[i]));
            largest = Math.Max(largest, Math.Abs(a[i]));
        }
        return difference / largest;
    }

    /// <summary>A note on how far the peers' numbers are from ours, or an end: speed of wrong numbers is worth nothing.</summary>
    /// <exception cref="UserErrorException">They differ by more than <paramref name="tolerance"/>.</exception>
    public static string Compare(string folder, string ours, IEnumerable<string> others, double tolerance)
    {
        var worst = 0.0;
        foreach (var other in others)
        {
            var difference = Difference(Path.Combine(folder, ours), Path.Combine(folder, other));
            if (!(difference <= tolerance))
                throw new UserErrorException(string.Create(CultureInfo.InvariantCulture,
                    $"{other} differs from {ours} by {difference:0.0e+0} of the largest value: one of them computes wrongly on this machine. For PyTorch try ONEDNN_MAX_CPU_ISA=AVX2 ./perf/run."), exitCode: 1);
            worst = Math.Max(worst, difference);
        }
        return string.Create(CultureInfo.InvariantCulture, $"All contestants computed the same numbers: largest difference {worst:0.0e+0} of the largest value.");
    }
}
