using System.Text.RegularExpressions;
using ClusterBench.Api;
using ClusterBench.Configs;

namespace ClusterBench.Coordinator.Http;

/// <summary>What must hold of a submission before it is stored; a client of ours always sends such ones.</summary>
internal static partial class SubmissionCheck
{
    private static readonly string[] Benchmarks = ["knn", "features", "linear", "finetune"];

    /// <summary>Everything that is wrong, empty when nothing is.</summary>
    public static IReadOnlyList<string> Errors(RunSubmission s)
    {
        var errors = new List<string>();
        if (!RunId().IsMatch(s.Run))
        {
            errors.Add($"run: '{s.Run}' is no id (letters, digits, '.', '_' and '-', 1 to 100 of them).");
        }

        if (!Benchmarks.Contains(s.Benchmark, StringComparer.Ordinal))
        {
            errors.Add($"benchmark: '{s.Benchmark}' is not one of {string.Join(", ", Benchmarks)}.");
        }

        if (!Sha256().IsMatch(s.Hash))
        {
            errors.Add("hash: not 64 hex digits.");
        }

        var checkpoint = s.Checkpoint.IsNone && s.Benchmark == "finetune" ? [] : new[] { ("checkpoint.path", s.Checkpoint.Path) };
        foreach (var (name, path) in checkpoint.Append(("workDir", s.WorkDir)).Concat(s.Lists.Select(l => ($"lists.{l.Key}", l.Value.Path))))
        {
            if (!Path.IsPathFullyQualified(path) || path.Split('/').Contains("..", StringComparer.Ordinal))
            {
                errors.Add($"{name}: '{path}' is not an absolute path without '..'.");
            }
        }

        if (s.Benchmark != "features" && (!s.Lists.ContainsKey("train") || !s.Lists.ContainsKey("val")))
        {
            errors.Add($"lists: {s.Benchmark} needs train{(s.Benchmark == "knn" ? " (the bank)" : "")} and val{(s.Benchmark == "knn" ? " (the queries)" : "")}.");
        }

        if (s.Benchmark == "features" && s.OutDir is null)
        {
            errors.Add("outDir: features needs a folder for its result.");
        }

        try
        {
            RunConfigText.Parse(s.ConfigText);
        }
        catch (UserErrorException e)
        {
            errors.Add($"configText: {e.Message}");
        }

        return errors;
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    private static partial Regex RunId();

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex Sha256();
}
