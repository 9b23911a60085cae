using System.Text.Json;
using ClusterBench.Api;

namespace ClusterBench.Tests.Harness;

/// <summary>What a call of the program came to.</summary>
/// <param name="Call">Its words.</param>
/// <param name="ExitCode">Exit status; 128 + n where signal n ended it.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="ChildLogs">The ends of the children's logs, for failure messages.</param>
internal sealed record ProgramResult(string Call, int ExitCode, string Output, string Error, string ChildLogs)
{
    /// <summary>Fails the test, with all that the call said, unless it ended with this status.</summary>
    public ProgramResult Ended(int exitCode)
    {
        if (ExitCode != exitCode)
            Assert.Fail($"exit status {ExitCode} instead of {exitCode} of: clusterbench {Call}\n--- standard output\n{Output}\n--- standard error\n{Error}\n{ChildLogs}");
        return this;
    }

    /// <summary>Fails the test unless standard error has one line that starts with <c>error:</c>, with these parts in the message that it begins.</summary>
    public ProgramResult Complained(params string[] parts)
    {
        string[] starts = [.. Error.Split('\n').Where(line => line.StartsWith("error: ", StringComparison.Ordinal))];
        Assert.True(starts.Length == 1, $"{starts.Length} lines start with 'error:' instead of one:\n{Error}\n{ChildLogs}");
        string message = Error[Error.IndexOf(starts[0], StringComparison.Ordinal)..];
        foreach (string part in parts)
            Assert.True(message.Contains(part, StringComparison.Ordinal), $"the message does not name '{part}':\n{message}");
        Assert.DoesNotContain("   at ClusterBench.", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("This is a bug", Error, StringComparison.Ordinal);
        return this;
    }

    /// <summary>The object that <c>--json</c> prints as the last line of standard output.</summary>
    public RunOutcome Outcome() => JsonSerializer.Deserialize(LastLine, ApiJson.Default.RunOutcome)!;

    /// <summary>The same line of a verb that answers with a run.</summary>
    public RunView View() => JsonSerializer.Deserialize(LastLine, ApiJson.Default.RunView)!;

    public string LastLine => Output.TrimEnd('\n').Split('\n')[^1];
}
