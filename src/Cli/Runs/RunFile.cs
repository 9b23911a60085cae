using System.Text.Json.Serialization;
using ClusterBench.Api;

namespace ClusterBench.Cli.Runs;

/// <summary><c>run.json</c>: how a work dir knows the run that it belongs to, and all that <c>resume</c> needs to send it again.</summary>
internal sealed record RunFile
{
    public required string Run { get; init; }
    public required string Hash { get; init; }
    /// <summary>State dir of the embedded cluster that the run was started on, absolute.</summary>
    public required string StateDir { get; init; }
    /// <summary>Address of the running cluster that it was submitted to; null: embedded.</summary>
    public string? Cluster { get; init; }
    /// <summary>The config files that the resolved config came from, as they were.</summary>
    public required IReadOnlyList<InputFile> ConfigFiles { get; init; }
    public required RunSubmission Submission { get; init; }
}

/// <summary>What <c>report --json</c> prints.</summary>
internal sealed record ReportFiles(string Run, IReadOnlyList<string> Files);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, WriteIndented = true)]
[JsonSerializable(typeof(RunFile))]
internal sealed partial class RunFileJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReportFiles))]
internal sealed partial class CliJson : JsonSerializerContext;
