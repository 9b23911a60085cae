using System.Globalization;

namespace ClusterBench.Cli.Calls;

/// <summary>The one place where an exception becomes a text for a person and an exit status.</summary>
internal static class ErrorReport
{
    public static int Write(Exception failure, Surroundings around)
    {
        if (failure is UserErrorException known)
        {
            around.Error.WriteLine($"error: {known.Message}");
            if (around.Debug)
                around.Error.WriteLine(known.ToString());
            return known.ExitCode;
        }
        if (Environmental(failure) is { } text)
        {
            around.Error.WriteLine($"error: {text}");
            if (around.Debug)
                around.Error.WriteLine(failure.ToString());
            return ExitCodes.Failed;
        }
        around.Error.WriteLine($"error: {failure.GetType().Name}: {failure.Message}");
        around.Error.WriteLine("This is a bug in ClusterBench. "
            + (SaveTrace(failure, around.Time) is { } log ? $"The stack trace is in {log}; please attach it to a report." : "Set CLUSTERBENCH_DEBUG=1 to see where it happened."));
        if (around.Debug)
            around.Error.WriteLine(failure.ToString());
        return ExitCodes.Failed;
    }

    /// <summary>What the machine, not the program, is to blame for.</summary>
    private static string? Environmental(Exception failure) => failure switch
    {
        UnauthorizedAccessException => $"{failure.Message} Check the owner and the mode of that file or folder.",
        IOException e when (e.HResult & 0xffff) == 28 || e.Message.Contains("No space left", StringComparison.OrdinalIgnoreCase) =>
            $"{e.Message} Free some space or choose another folder (--work-dir, --state-dir).",
        IOException e => e.Message,
        _ => null,
    };

    private static string? SaveTrace(Exception failure, TimeProvider time)
    {
        string path = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"clusterbench-error-{Environment.ProcessId}.log"));
        try
        {
            File.WriteAllText(path, $"{time.GetUtcNow():O} clusterbench {ProgramVersion.Text}\n{Environment.CommandLine}\n{failure}\n");
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
