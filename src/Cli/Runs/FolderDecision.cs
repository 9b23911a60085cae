using ClusterBench.Api;

namespace ClusterBench.Cli.Runs;

/// <summary>What a call finds in its work dir. "A run is its work dir" (design, section 3).</summary>
internal enum FolderState
{
    /// <summary>No run, or one that is to be started anew.</summary>
    New,
    /// <summary>The same run, unfinished.</summary>
    Unfinished,
    /// <summary>The same run, completed: its results are there.</summary>
    Completed,
}

internal static class FolderDecision
{
    /// <param name="known">run.json of the folder.</param>
    /// <param name="results">results.json of the folder.</param>
    /// <param name="wanted">The run that is asked for; its id does not matter.</param>
    /// <param name="fresh"><c>--fresh</c>.</param>
    /// <exception cref="UserErrorException">The folder belongs to another run.</exception>
    public static FolderState Of(RunFile? known, RunResults? results, RunSubmission wanted, bool fresh)
    {
        if (known is null || fresh)
            return FolderState.New;
        if (known.Hash != wanted.Hash)
        {
            throw new UserErrorException($"{wanted.WorkDir} belongs to another run, {known.Run}. What differs:\n"
                + string.Concat(Differences.Between(known.Submission, wanted).Select(line => $"  {line}\n"))
                + "Take another --work-dir (or none: every run then has a folder of its own), or start anew in this one with --fresh.");
        }
        // The output folder changes no number, so it is not part of the hash; but files that are asked for have to be there.
        if (known.Submission.OutDir != wanted.OutDir || (known.Submission.NoCache != wanted.NoCache && wanted.NoCache))
            return FolderState.New;
        bool done = results is { Status: RunStates.Completed } && results.Hash == wanted.Hash && results.Run == known.Run
            && (wanted.OutDir is null || Directory.Exists(wanted.OutDir));
        return done ? FolderState.Completed : results is { Status: RunStates.Completed } && results.Run == known.Run ? FolderState.New : FolderState.Unfinished;
    }
}
