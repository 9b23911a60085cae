using System.Text.Json;
using ClusterBench.Files;

namespace ClusterBench.Perf.Measuring;

/// <summary>One line of a table: every repetition, in the order of time.</summary>
/// <param name="Name">Who or what was measured.</param>
/// <param name="Samples">In the table's unit.</param>
internal sealed record Row(string Name, IReadOnlyList<double> Samples)
{
    /// <summary>Whether it is what ClusterBench is compared with.</summary>
    public bool IsPeer { get; init; }

    /// <summary>CPU seconds per unit of work (all threads of the process), as many as samples; null where they mean nothing.</summary>
    public IReadOnlyList<double>? Cpu { get; init; }

    /// <summary>What is to be reached, as text; null where no goal is set.</summary>
    public string? Goal { get; init; }
}

/// <summary>A table of the document.</summary>
/// <param name="Id">Its marker in docs/performance.md.</param>
/// <param name="Unit">Of all samples, e.g. <c>images/s</c> or <c>s</c>.</param>
/// <param name="Work">What one unit of work is where rows compete (<c>image</c>); null where nobody does.</param>
internal sealed record Table(string Id, string Unit, string? Work, IReadOnlyList<Row> Rows)
{
    /// <summary>Sizes, versions and checks that belong to the numbers.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>All of one call, as it is written to a file.</summary>
/// <param name="Command">The call that repeats it.</param>
/// <param name="Quick">Sizes so small that the numbers mean nothing.</param>
/// <param name="Machine">Facts by name; each table's own, since parts may be measured at different times.</param>
internal sealed record Measured(string Command, bool Quick, IReadOnlyDictionary<string, string> Machine, Table Table);

/// <summary>The result file: measurements by the table's id.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static SortedDictionary<string, Measured> Read(string path)
    {
        var all = File.Exists(path) ? JsonSerializer.Deserialize<Dictionary<string, Measured>>(File.ReadAllBytes(path), Json)! : [];
        return new SortedDictionary<string, Measured>(all, StringComparer.Ordinal);
    }

    public static void Write(string path, SortedDictionary<string, Measured> all)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, file =>
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(all, Json));
            file.WriteByte((byte)'\n');
        });
    }
}
