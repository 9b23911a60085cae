using System.Globalization;
using System.Text.RegularExpressions;
using ClusterBench.Faults;
using ClusterBench.Files;
using ClusterBench.GpuWorker.Tasks;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Protocol;

namespace ClusterBench.GpuWorker.Gangs;

/// <summary>The checkpoint files of a run: <c>checkpoints/step_S-gG-INCARNATION.pth</c>, a name that no other process can have.</summary>
internal sealed partial class GangCheckpoints(SubmissionData submission, WorkerIdentity identity, TimeProvider time)
{
    private readonly string _folder = Path.Combine(submission.WorkDir, "checkpoints");
    private long _since = time.GetTimestamp();

    /// <summary>Whether the interval between two checkpoints inside an epoch is over.</summary>
    public bool IsDue => submission.CheckpointSeconds > 0 && time.GetElapsedTime(_since) >= TimeSpan.FromSeconds(submission.CheckpointSeconds);

    /// <summary>Writes the state; the file counts when the run has stored what is returned.</summary>
    /// <param name="epochs">Epochs completed where the state is that of an epoch's end; 0 inside one.</param>
    /// <exception cref="UserErrorException">The disk is full or the folder cannot be written.</exception>
    public CheckpointWritten Write(TrainingSession session, int generation, int epochs)
    {
        Fault.Point(FaultPoints.CheckpointStart);
        try
        {
            Directory.CreateDirectory(_folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The folder {_folder} cannot be made: {e.Message}", 1, e);
        }
        var name = string.Create(CultureInfo.InvariantCulture, $"step_{session.State.Step:D6}-g{generation}-{identity.Incarnation}.pth");
        var file = TrainingCheckpoint.Write(Path.Combine(_folder, name), session.State, session.Plan, submission.Hash);
        _since = time.GetTimestamp();
        Fault.Point(FaultPoints.CheckpointBeforeReport);
        return new CheckpointWritten
        {
            At = time.GetUtcNow().ToUnixTimeMilliseconds(), Generation = generation, Step = file.Step, Epochs = epochs,
            Worker = identity.Id, Incarnation = identity.Incarnation,
            File = new ShardFile { Path = file.Path, Sha256 = file.Sha256, Bytes = file.Bytes, Name = "checkpoint" },
        };
    }

    /// <summary>Whether some member has saved this state, or a later one, in that generation: the shared folder is all that a member can know.</summary>
    public bool IsSaved(long step, int generation) => Directory.Exists(_folder)
        && Directory.EnumerateFiles(_folder, "step_*.pth").Select(file => FileName().Match(Path.GetFileName(file))).Any(name => name.Success
            && long.Parse(name.Groups[1].Value, CultureInfo.InvariantCulture) >= step && int.Parse(name.Groups[2].Value, CultureInfo.InvariantCulture) >= generation);

    /// <summary>The newest of the named files that is whole, and what was wrong with those before it.</summary>
    /// <param name="checkpoints">Newest first.</param>
    /// <returns>Steps of it, or -1.</returns>
    public static (long Step, IReadOnlyList<string> Notes) FindWhole(IEnumerable<CheckpointWritten> checkpoints)
    {
        var wrong = new List<string>();
        foreach (var checkpoint in checkpoints)
        {
            if (Damage(checkpoint.File) is not { } damage)
                return (checkpoint.Step, [.. wrong.Select(what => string.Create(CultureInfo.InvariantCulture, $"{what}; the one before it is taken (step {checkpoint.Step})"))]);
            wrong.Add($"The checkpoint {checkpoint.File.Path} {damage}");
        }
        return (-1, [.. wrong.Select(what => $"{what}; there is none before it that is whole, so training begins anew")]);
    }

    /// <summary>What is wrong with a file, as the end of a sentence; null: it is whole.</summary>
    public static string? Damage(ShardFile file)
    {
        try
        {
            if (!File.Exists(file.Path))
                return "is not there any more";
            return FileHash.Sha256(file.Path) is var found && found == file.Sha256 ? null
                : $"is damaged (SHA-256 {found[..12]}... and not {file.Sha256[..12]}... as it was written)";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UserErrorException)
        {
            return $"cannot be read ({e.Message})";
        }
    }

    [GeneratedRegex(@"^step_(\d{1,18})-g(\d{1,9})-")]
    private static partial Regex FileName();
}
