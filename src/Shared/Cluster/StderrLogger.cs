using System.Globalization;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;

namespace ClusterBench.Cluster;

/// <summary>
/// Akka's log lines on standard error (named in hocon/base.hocon). Standard output belongs to results. The transport repeats
/// itself every second while a peer is away: the same line from the same source is shown once a minute.
/// </summary>
public sealed class StderrLogger : ReceiveActor
{
    private static readonly TimeSpan Repeat = TimeSpan.FromMinutes(1);
    private readonly Dictionary<(string, string), long> shown = [];

    public StderrLogger()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(Write);
    }

    private void Write(LogEvent line)
    {
        var time = TimeProvider.System;
        var text = line.Message?.ToString() ?? "";
        if (shown.TryGetValue((line.LogSource, text), out var last) && time.GetElapsedTime(last) < Repeat)
        {
            return;
        }

        if (shown.Count > 1000)
        {
            shown.Clear();
        }

        shown[(line.LogSource, text)] = time.GetTimestamp();
        var at = time.GetLocalNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        var level = line.LogLevel() switch
        {
            LogLevel.ErrorLevel => "error",
            LogLevel.WarningLevel => "warning",
            LogLevel.InfoLevel => "info",
            _ => "debug",
        };
        Console.Error.WriteLine($"{at} {level}: {text} [{line.LogSource}]{Cause(line.Cause)}");
    }

    /// <summary>A lost connection is news, not a bug: it needs no stack trace.</summary>
    private static string Cause(Exception? cause) => cause switch
    {
        null => "",
        SocketException => $": {cause.Message}",
        _ when cause.GetType().Namespace?.StartsWith("Akka.Remote", StringComparison.Ordinal) == true => $": {cause.Message}",
        _ => Environment.NewLine + cause,
    };
}
