using ClusterBench.Api;
using ClusterBench.Cli.Parts;

namespace ClusterBench.Cli.Runs;

/// <summary>A run goes on only with the very files that it began with.</summary>
internal static class Unchanged
{
    /// <exception cref="UserErrorException">Names every checkpoint, list or config file that changed or is gone.</exception>
    public static void Require(RunFile run, IFiles files)
    {
        IEnumerable<(string What, InputFile File)> inputs = run.Submission.Lists.Select(list => ($"list of {list.Key}", list.Value))
            .Prepend(("checkpoint", run.Submission.Checkpoint)).Where(input => !input.Item2.IsNone).Concat(run.ConfigFiles.Select(file => ("config", file)));
        string[] changed = [.. inputs.Select(input => Changed(input.What, input.File, files)).OfType<string>()];
        if (changed.Length > 0)
        {
            throw new UserErrorException($"{run.Run} cannot be resumed, because what it began with has changed:\n{string.Concat(changed.Select(line => $"  {line}\n"))}"
                + "Put the files back as they were, or start a new run.");
        }
    }

    private static string? Changed(string what, InputFile file, IFiles files)
    {
        if (!File.Exists(file.Path))
            return $"{what} {file.Path}: is gone";
        bool same = new FileInfo(file.Path).Length == file.Bytes && files.Sha256(file.Path) == file.Sha256;
        return same ? null : $"{what} {file.Path}: was SHA-256 {file.Sha256[..Math.Min(12, file.Sha256.Length)]}...";
    }
}
