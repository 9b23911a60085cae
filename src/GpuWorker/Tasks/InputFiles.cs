using ClusterBench.Api;
using ClusterBench.Files;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>Checks that this worker sees the files that a run was submitted with.</summary>
internal static class InputFiles
{
    /// <exception cref="UserErrorException">A list or the checkpoint is not there, or is another file by now.</exception>
    public static void RequireUnchanged(SubmissionData submission)
    {
        foreach (var (split, file) in submission.Lists)
        {
            RequireUnchanged(file, $"the {split} list");
        }

        if (HasCheckpoint(submission))
        {
            RequireUnchanged(submission.Checkpoint, "the checkpoint");
        }
    }

    /// <summary>False where training begins from scratch.</summary>
    public static bool HasCheckpoint(SubmissionData submission) => submission.Checkpoint.Path != InputFile.None.Path;

    private static void RequireUnchanged(InputFileData file, string what)
    {
        if (!File.Exists(file.Path))
        {
            throw new UserErrorException($"{what} {file.Path} is not there as this worker ({Environment.MachineName}) sees it: workers need the same paths as the call that submitted the run.", 1);
        }

        var sha256 = FileHash.Sha256(file.Path);
        if (sha256 != file.Sha256)
        {
            throw new UserErrorException($"{what} {file.Path} has changed since the run was submitted (SHA-256 {sha256[..12]}... instead of {file.Sha256[..12]}...): restore it, or start anew with --fresh.", 1);
        }
    }
}
