using System.Globalization;
using System.Text.RegularExpressions;
using ClusterBench.Configs;
using ClusterBench.Files;
using ClusterBench.Protocol;
using ClusterBench.Runs;

namespace ClusterBench.Coordinator.Output;

/// <summary>
/// Which checkpoint files of a run stay: the newest ones by the journal, <c>epoch_N.pth</c> as the config's <c>checkpoint_config</c>
/// wants them, and nothing else. Derived from the journal, so that doing it again changes nothing.
/// </summary>
internal static partial class CheckpointFiles
{
    /// <summary>Links, removes what is not needed any more.</summary>
    public static void Keep(RunState state)
    {
        var submission = state.Submission!;
        var training = RunConfigText.Parse(submission.ConfigText).Training!;
        foreach (var checkpoint in state.Checkpoints.Where(c => c.Epochs > 0 && IsKept(c.Epochs, training)))
        {
            Link(checkpoint.File.Path, EpochFile(submission.WorkDir, checkpoint.Epochs));
        }

        RemoveEpochs(submission.WorkDir, training);
        RemoveSteps(Path.Combine(submission.WorkDir, "checkpoints"), state);
    }

    /// <summary>Whether a reported checkpoint is there as it was said to be.</summary>
    public static bool IsThere(CheckpointWritten checkpoint) => new FileInfo(checkpoint.File.Path) is { Exists: true } file && file.Length == checkpoint.File.Bytes;

    private static bool IsKept(int epoch, TrainingConfig training) =>
        epoch == training.Epochs || (training.CheckpointEpochs > 0 && epoch % training.CheckpointEpochs == 0);

    private static string EpochFile(string workDir, int epoch) => Path.Combine(workDir, string.Create(CultureInfo.InvariantCulture, $"epoch_{epoch}.pth"));

    /// <summary>A second name, or a copy where the file system has none; a file of an earlier run under that name is replaced.</summary>
    private static void Link(string file, string name)
    {
        if (!File.Exists(file))
        {
            return;
        }

        var temporary = $"{name}.{Environment.ProcessId}.tmp";
        File.Delete(temporary);
        if (!HardLink.TryCreate(file, temporary))
        {
            File.Copy(file, temporary);
        }

        File.Move(temporary, name, overwrite: true);
        // Where both names are links to one file already, renaming one to the other does nothing and leaves it.
        File.Delete(temporary);
    }

    private static void RemoveEpochs(string workDir, TrainingConfig training)
    {
        if (training.CheckpointsKept < 0)
        {
            return;
        }

        var epochs = Directory.EnumerateFiles(workDir, "epoch_*.pth")
            .Select(file => (File: file, Match: EpochName().Match(Path.GetFileName(file)))).Where(f => f.Match.Success)
            .Select(f => (f.File, Epoch: int.Parse(f.Match.Groups[1].Value, CultureInfo.InvariantCulture))).OrderByDescending(f => f.Epoch);
        foreach (var (file, _) in epochs.Skip(Math.Max(1, training.CheckpointsKept)))
        {
            File.Delete(file);
        }
    }

    /// <summary>
    /// A file that is neither among the newest of the journal nor of the present generation is rubbish; one of the present generation
    /// may only not be reported yet, unless it is older than those.
    /// </summary>
    private static void RemoveSteps(string folder, RunState state)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        var kept = state.Checkpoints.Select(c => Path.GetFileName(c.File.Path)).ToHashSet(StringComparer.Ordinal);
        var oldest = state.Checkpoints.Select(c => c.Step).DefaultIfEmpty(0).Min();
        foreach (var file in Directory.EnumerateFiles(folder, "step_*.pth").Where(f => !kept.Contains(Path.GetFileName(f))).ToList())
        {
            var name = StepName().Match(Path.GetFileName(file));
            if (name.Success && (long.Parse(name.Groups[1].Value, CultureInfo.InvariantCulture) < oldest
                || int.Parse(name.Groups[2].Value, CultureInfo.InvariantCulture) < (state.Gang?.Generation ?? 0)))
            {
                File.Delete(file);
            }
        }
    }

    [GeneratedRegex(@"^epoch_(\d{1,9})\.pth$")]
    private static partial Regex EpochName();

    [GeneratedRegex(@"^step_(\d{1,18})-g(\d{1,9})-")]
    private static partial Regex StepName();
}
