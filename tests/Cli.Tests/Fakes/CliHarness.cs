using ClusterBench.Cli.Calls;
using ClusterBench.Cli.Parts;

namespace ClusterBench.Tests.Fakes;

/// <summary>What a call printed and how it ended.</summary>
internal sealed record CallResult(int Status, string Out, string Error)
{
    public string LastLine => Out.TrimEnd('\n').Split('\n')[^1];
}

/// <summary>The command line in a folder of its own, in this process, with fakes for the parts behind it.</summary>
internal sealed class CliHarness : IDisposable
{
    public CliHarness()
    {
        Folder = Directory.CreateTempSubdirectory("cli-test-").FullName;
        Write("configs/selfsup.yaml", "model: {}\n");
        Write("samples/readme.txt", "");
        Write("checkpoint.pth", "weights");
        Write("meta/train.txt", string.Concat(Enumerable.Range(0, 40).Select(i => $"train/{i}.png {i % 10}\n")));
        Write("meta/val.txt", string.Concat(Enumerable.Range(0, 20).Select(i => $"val/{i}.png {i % 10}\n")));
        Environment["CLUSTERBENCH_ROOT"] = Folder;
        Configs = new FakeConfigs(Folder);
        Cluster = new FakeCluster();
        Embedded = new FakeEmbedded(Cluster);
    }

    public string Folder { get; }
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);
    public FakeConfigs Configs { get; }
    public FakeCluster Cluster { get; }
    public FakeEmbedded Embedded { get; }
    public FakeFiles Files { get; } = new();
    public FakeJournals Journals { get; } = new();
    public FakeReports Reports { get; } = new();
    public FakeCoordinator Coordinator { get; } = new();
    public TimeProvider Time { get; set; } = new FixedDay();

    public string Path(string relative) => System.IO.Path.Combine(Folder, relative);

    public string Write(string relative, string text)
    {
        string path = Path(relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public Surroundings Around(TextWriter? output = null, TextWriter? error = null) => new()
    {
        Out = output ?? TextWriter.Null, Error = error ?? TextWriter.Null, ErrorIsTerminal = false, Directory = Folder, Time = Time,
        Environment = name => Environment.GetValueOrDefault(name),
        Parts = new PartSet { Configs = Configs, Files = Files, Embedded = Embedded, Journals = Journals, Reports = Reports, Coordinator = Coordinator },
    };

    public async Task<CallResult> RunAsync(params string[] words)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int status = await CommandLine.RunAsync(words, Around(output, error));
        return new CallResult(status, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>The 23rd of November 2026, noon; waiting takes no time worth mentioning.</summary>
    private sealed class FixedDay : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : dueTime, period);
    }
}
