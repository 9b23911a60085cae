using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterBench.Faults;

/// <summary>The faults that the environment asks for, and how often each point was passed in this process.</summary>
internal sealed partial class FaultPlan
{
    private readonly List<ScriptedFault> faults = [];
    private readonly ConcurrentDictionary<string, int> passages = new(StringComparer.Ordinal);
    private readonly string folder;
    private readonly string text;

    private sealed record ScriptedFault(string Point, int Passage, string Action, double Seconds)
    {
        public string Marker => $"{Point}@{Passage}-{Action}";
    }

    private FaultPlan(string text, string folder)
    {
        this.text = text;
        this.folder = folder;
        foreach (var item in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            faults.Add(Parse(item));
        }
    }

    public static FaultPlan? FromEnvironment()
    {
        var text = Environment.GetEnvironmentVariable("CLUSTERBENCH_FAULTS");
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var folder = Environment.GetEnvironmentVariable("CLUSTERBENCH_FAULTS_DIR");
        if (string.IsNullOrWhiteSpace(folder))
        {
            throw new UserErrorException("CLUSTERBENCH_FAULTS is set and CLUSTERBENCH_FAULTS_DIR is not: name a folder for the markers of faults that fired.");
        }

        Directory.CreateDirectory(folder);
        return new FaultPlan(text, folder);
    }

    public override string ToString() => text;

    private static ScriptedFault Parse(string item)
    {
        var at = item.LastIndexOf('@');
        var colon = item.IndexOf(':', Math.Max(at, 0));
        if (at <= 0 || colon < 0 || !int.TryParse(item[(at + 1)..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var passage) || passage < 1)
        {
            throw new UserErrorException($"CLUSTERBENCH_FAULTS: '{item}' is not point@n:action.");
        }

        var point = item[..at];
        if (!FaultPoints.All.Contains(point, StringComparer.Ordinal))
        {
            throw new UserErrorException($"CLUSTERBENCH_FAULTS: there is no point '{point}'. Points: {string.Join(", ", FaultPoints.All)}.");
        }

        var action = item[(colon + 1)..];
        var seconds = 0.0;
        if (action.StartsWith("sleep=", StringComparison.Ordinal)
            && double.TryParse(action["sleep=".Length..], NumberStyles.Float, CultureInfo.InvariantCulture, out seconds))
        {
            action = "sleep";
        }

        return action is "kill" or "throw" or "stop" or "sleep"
            ? new ScriptedFault(point, passage, action, seconds)
            : throw new UserErrorException($"CLUSTERBENCH_FAULTS: '{action}' is no action. Actions: kill, throw, stop, sleep=SECONDS.");
    }

    public void Pass(string point)
    {
        var n = passages.AddOrUpdate(point, 1, static (_, old) => old + 1);
        foreach (var fault in faults)
        {
            if (fault.Point == point && fault.Passage == n && Claim(fault))
            {
                Fire(fault);
            }
        }
    }

    /// <summary>The marker decides: created by us, the fault is ours; there already, it has fired in another process.</summary>
    private bool Claim(ScriptedFault fault)
    {
        try
        {
            using var file = new FileStream(Path.Combine(folder, fault.Marker), FileMode.CreateNew, FileAccess.Write);
            using var writer = new StreamWriter(file);
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {Environment.CommandLine}\n"));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Fire(ScriptedFault fault)
    {
        Console.Error.WriteLine($"fault {fault.Point}: {fault.Action}");
        Console.Error.Flush();
        switch (fault.Action)
        {
            case "kill":
                _ = Kill(Environment.ProcessId, 9);
                break;
            case "stop":
                _ = Kill(Environment.ProcessId, 19);
                break;
            case "throw":
                throw new InvalidOperationException($"scripted fault at {fault.Point}");
            default:
                using (var never = new ManualResetEventSlim())
                {
                    never.Wait(TimeSpan.FromSeconds(fault.Seconds));
                }

                break;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
