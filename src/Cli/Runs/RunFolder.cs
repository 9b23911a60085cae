using System.Text.Json;
using ClusterBench.Api;
using ClusterBench.Cli.Parts;

namespace ClusterBench.Cli.Runs;

/// <summary>The files of a work dir that the command line reads and writes.</summary>
internal static class RunFolder
{
    /// <summary>The run of a folder; null if it holds none. A folder with other files is not another run.</summary>
    /// <exception cref="UserErrorException">run.json is there and cannot be read.</exception>
    public static RunFile? Read(string workDir)
    {
        string path = Path.Combine(workDir, Places.RunFile);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), RunFileJson.Default.RunFile) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} cannot be read: {e.Message}\nIt says which run the folder belongs to. Take another --work-dir, or remove the file to give the folder to a new run.", inner: e);
        }
    }

    public static void Write(RunFile file, IFiles files)
    {
        Directory.CreateDirectory(file.Submission.WorkDir);
        files.WriteAtomically(Path.Combine(file.Submission.WorkDir, Places.RunFile), JsonSerializer.SerializeToUtf8Bytes(file, RunFileJson.Default.RunFile));
    }

    /// <summary>results.json of a folder; null if it is not there.</summary>
    public static RunResults? ReadResults(string workDir)
    {
        string path = Path.Combine(workDir, Places.ResultsFile);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), ApiJson.Default.RunResults) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} cannot be read: {e.Message}", ExitCodes.Failed, e);
        }
    }

    /// <summary>Removes the results of an earlier run, so that nobody takes them for those of the run that begins.</summary>
    public static void RemoveResults(string workDir)
    {
        Directory.CreateDirectory(workDir);
        foreach (string name in (string[])[Places.ResultsFile, "report.html", "report.md", "events.jsonl"])
            File.Delete(Path.Combine(workDir, name));
    }

    /// <summary>
    /// Removes the intermediate files, checkpoints and logs of the run that had the folder before (what the shared store holds of them
    /// stays there): the run that begins would take those that look like its own, and is meant to start anew.
    /// </summary>
    public static void RemoveWork(string workDir)
    {
        foreach (string pattern in (string[])["epoch_*.pth", "log.json", "events.out.tfevents.*"])
        {
            foreach (string file in Directory.Exists(workDir) ? Directory.EnumerateFiles(workDir, pattern) : [])
                File.Delete(file);
        }
        foreach (string name in (string[])["features", "knn", "checkpoints"])
        {
            string folder = Path.Combine(workDir, name);
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }
}
