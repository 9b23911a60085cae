using ClusterBench.Api;
using ClusterBench.Cli.Calls;
using ClusterBench.Configs;

namespace ClusterBench.Cli.Runs;

/// <summary>What a user's RUN means.</summary>
internal static class RunNames
{
    private const string Last = "last";

    /// <param name="runs">Oldest first.</param>
    /// <param name="place">What was looked at, for the error.</param>
    public static RunView Resolve(string name, IReadOnlyList<RunView> runs, Surroundings around, string place)
    {
        if (runs.Count == 0)
            throw new UserErrorException($"there are no runs in {place}.{Elsewhere(name, around)} 'clusterbench demo' makes some; --state-dir names another folder.");
        if (name == Last)
            return runs.Select((run, index) => (run, index)).MaxBy(pair => (pair.run.StartedAt ?? DateTimeOffset.MaxValue, pair.index)).run;
        if (runs.FirstOrDefault(run => run.Run == name) is { } exact)
            return exact;
        RunView[] starting = name.Length == 0 ? [] : [.. runs.Where(run => run.Run.StartsWith(name, StringComparison.Ordinal))];
        if (starting.Length == 1)
            return starting[0];
        if (starting.Length > 1)
            throw new UserErrorException($"'{name}' could be {string.Join(" or ", starting.Select(run => run.Run))}; type more of it.");
        if (OfFolder(name, runs, around) is { } there)
            return there;
        string? near = NearestName.Of(name, runs.Select(run => run.Run).Append(Last));
        throw new UserErrorException($"there is no run '{name}' in {place}{(near is null ? "." : $"; did you mean '{near}'?")}{Elsewhere(name, around)} 'clusterbench runs' lists all.");
    }

    /// <summary>The run of a folder: the one its run.json names, else the newest that ever had it as work dir.</summary>
    private static RunView? OfFolder(string name, IReadOnlyList<RunView> runs, Surroundings around)
    {
        string folder = Path.TrimEndingDirectorySeparator(around.FullPath(name));
        string? id = RunFolder.Read(folder)?.Run;
        return runs.FirstOrDefault(run => run.Run == id)
            ?? runs.LastOrDefault(run => Path.TrimEndingDirectorySeparator(around.FullPath(run.WorkDir)) == folder);
    }

    private static string Elsewhere(string name, Surroundings around) =>
        RunFolder.Read(around.FullPath(name)) is { } file
            ? $" That folder's run {file.Run} belongs to {(file.Cluster is not null ? $"the cluster at {file.Cluster}: add --cluster {file.Cluster}." : $"another state dir: add --state-dir {around.ShownPath(file.StateDir)}.")}"
            : "";
}
