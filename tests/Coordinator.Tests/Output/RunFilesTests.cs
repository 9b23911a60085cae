using Akka.Event;
using ClusterBench.Coordinator.Output;
using ClusterBench.Protocol;
using Google.Protobuf;

namespace ClusterBench.Tests.Output;

public sealed class RunFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clusterbench-run-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_coordinator_that_comes_back_goes_on_with_the_file_of_its_run()
    {
        Append(At(1), At(2));
        using var reader = new StreamReader(new FileStream(Path.Combine(_folder, "events.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        Assert.Equal(2, reader.ReadToEnd().Count(c => c == '\n'));

        Append(At(1), At(2), At(3));

        Assert.Contains("\"seq\":3", reader.ReadToEnd(), StringComparison.Ordinal);
        Assert.Equal(3, File.ReadAllLines(Path.Combine(_folder, "events.jsonl")).Length);
    }

    [Fact]
    public void A_new_run_in_the_folder_of_an_earlier_one_begins_its_file_anew()
    {
        Append(At(1), At(2));

        Append(At(5));

        Assert.Contains("\"seq\":1", Assert.Single(File.ReadAllLines(Path.Combine(_folder, "events.jsonl"))), StringComparison.Ordinal);
    }

    private static RunResumed At(int second) => new() { At = 1_000_000 + second * 1000, Reason = "a test" };

    private void Append(params IMessage[] events)
    {
        var files = new RunFiles(new SubmissionData { Run = "knn-1", WorkDir = _folder }, NoLogger.Instance);
        for (var i = 0; i < events.Length; i++)
        {
            files.Append(i + 1, events[i]);
        }
    }
}
