namespace ClusterBench;

/// <summary>
/// An error that the user can act on: what happened, in which file, run or worker, and what to do. It is shown as it is, without
/// a stack trace.
/// </summary>
/// <param name="message">Complete sentences for the person who has to act.</param>
/// <param name="exitCode">Exit status of the command line: 1 the run failed, 2 the call or the config was wrong, 3 no cluster.</param>
public class UserErrorException(string message, int exitCode = 2, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}
