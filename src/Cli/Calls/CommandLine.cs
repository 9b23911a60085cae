using System.CommandLine;
using System.CommandLine.Help;
using System.Runtime.InteropServices;

namespace ClusterBench.Cli.Calls;

/// <summary>From the words of a call to an exit status.</summary>
internal static class CommandLine
{
    // '@FILE' is a value here (worker --join @FILE), not a file of further words.
    private static readonly ParserConfiguration Rules = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(IReadOnlyList<string> words, Surroundings around)
    {
        RootCommand root = CommandTree.Build();
        ParseResult parsed = root.Parse(words, Rules);
        Command command = parsed.CommandResult.Command;
        if (words.Count > 0 && words[0].StartsWith("[suggest", StringComparison.Ordinal))
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = around.Out, Error = around.Error }).ConfigureAwait(false);
        if (parsed.Action is HelpAction)
        {
            HelpPage.Write(command, root, around.Out);
            return ExitCodes.Done;
        }
        if (parsed.GetResult("--version") is { } version && command == root && !((System.CommandLine.Parsing.OptionResult)version).Implicit)
        {
            await around.Out.WriteLineAsync($"clusterbench {ProgramVersion.Full}").ConfigureAwait(false);
            return ExitCodes.Done;
        }
        if (words.Count == 0)
        {
            HelpPage.Write(root, root, around.Error);
            return ExitCodes.WrongCall;
        }
        if (parsed.Errors.Count > 0 || command is not Verb verb || WrongCall.UnknownOptions(parsed).Length > 0)
            return WrongCall.Report(WrongCall.ErrorsOf(parsed), command, around.Error);

        var call = new Call(parsed, around);
        try
        {
            VerbBody body = verb.Bind(call);
            if (call.Errors.Count > 0)
                return WrongCall.Report(call.Errors, command, around.Error);
            return await RunUntilSignalAsync(body).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return ErrorReport.Write(e, around);
        }
    }

    /// <summary>The first SIGINT or SIGTERM asks the verb to end in good order; a second one ends the process as usual.</summary>
    private static async Task<int> RunUntilSignalAsync(VerbBody body)
    {
        using var stop = new CancellationTokenSource();
        void OnSignal(PosixSignalContext signal)
        {
            if (stop.IsCancellationRequested)
                return;
            signal.Cancel = true;
            stop.Cancel();
        }
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        try
        {
            return await body(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }
}
