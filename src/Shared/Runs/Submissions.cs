using ClusterBench.Api;
using ClusterBench.Protocol;

namespace ClusterBench.Runs;

/// <summary>The same submission as the API's record and as the journal's message.</summary>
public static class Submissions
{
    public static SubmissionData ToMessage(this RunSubmission s)
    {
        var m = new SubmissionData
        {
            Run = s.Run, Benchmark = s.Benchmark, Config = s.Config, ConfigText = s.ConfigText, Hash = s.Hash,
            Checkpoint = s.Checkpoint.ToMessage(), WorkDir = s.WorkDir, OutDir = s.OutDir ?? "", NoCache = s.NoCache, Command = s.Command ?? "",
            CheckpointSeconds = s.CheckpointSeconds, ExpectedWorkers = s.ExpectedWorkers,
        };
        foreach (var (split, file) in s.Lists)
        {
            m.Lists.Add(split, file.ToMessage());
        }

        m.Images.Add(s.Images.ToDictionary(StringComparer.Ordinal));
        return m;
    }

    public static RunSubmission ToRecord(this SubmissionData m) => new()
    {
        Run = m.Run,
        Benchmark = m.Benchmark,
        Config = m.Config,
        ConfigText = m.ConfigText,
        Hash = m.Hash,
        Checkpoint = m.Checkpoint.ToRecord(),
        Lists = m.Lists.ToDictionary(l => l.Key, l => l.Value.ToRecord(), StringComparer.Ordinal),
        Images = m.Images.ToDictionary(StringComparer.Ordinal),
        WorkDir = m.WorkDir,
        OutDir = m.OutDir.Length == 0 ? null : m.OutDir,
        NoCache = m.NoCache,
        Command = m.Command.Length == 0 ? null : m.Command,
        CheckpointSeconds = m.CheckpointSeconds,
        ExpectedWorkers = m.ExpectedWorkers,
    };

    public static InputFileData ToMessage(this InputFile f) => new() { Path = f.Path, Sha256 = f.Sha256, Bytes = f.Bytes };

    public static InputFile ToRecord(this InputFileData f) => new(f.Path, f.Sha256, f.Bytes);
}
