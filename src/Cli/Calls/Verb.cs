using System.CommandLine;

namespace ClusterBench.Cli.Calls;

/// <summary>What a verb does once its call has been found right; the result is the exit status.</summary>
internal delegate Task<int> VerbBody(CancellationToken cancel);

/// <summary>A verb of the command line: its help page, and how a call of it is read.</summary>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    /// <summary>Heading under which the first page lists the verb; null for a verb of a group (<c>config show</c>).</summary>
    public string? Group { get; init; }

    /// <summary>One line for the first page.</summary>
    public required string Summary { get; init; }

    /// <summary>Calls that can be typed as they stand, one per line.</summary>
    public required string Example { get; init; }

    /// <summary>More for the help page: rules that no single option holds.</summary>
    public string? Remarks { get; init; }

    /// <summary>Reads the call, collecting errors in it, and returns what is then to be done. Starts nothing itself.</summary>
    public required Func<Call, VerbBody> Bind { get; init; }
}

/// <summary>A word that only groups verbs: <c>config</c>, <c>model</c>.</summary>
internal sealed class VerbGroup(string name, string description) : Command(name, description)
{
    public required string Group { get; init; }
}
