using ClusterBench.Api;
using ClusterBench.Coordinator.Journal;
using ClusterBench.Files;
using ClusterBench.Protocol;
using ClusterBench.Runs;

namespace ClusterBench.Tests.Harness;

/// <summary>What the journal of a state dir says about a run.</summary>
internal sealed record RunJournal(RunState State, IReadOnlyList<EventView> Events)
{
    /// <summary>Reads the journal as it stands; null while there is none or it has no such run.</summary>
    public static RunJournal? TryRead(string stateDir, string? run = null)
    {
        using var reader = JournalReader.Open(Path.Combine(stateDir, "journal.db"));
        if ((run ?? reader?.RunIds().SingleOrDefault()) is not { } id)
            return null;
        return new RunJournal(reader!.State(id), reader.Events(id, 0));
    }

    public static RunJournal Read(string stateDir, string? run = null) =>
        TryRead(stateDir, run) ?? throw new InvalidOperationException($"{stateDir} holds no journal with {run ?? "a run"}");

    /// <summary>The events of one type, in order.</summary>
    public IReadOnlyList<EventView> Of(string type) => [.. Events.Where(e => e.Type == type)];

    /// <summary>What each shard made, without paths: a shard's name to names, hashes and sizes of its files.</summary>
    public IReadOnlyDictionary<string, string> Contents => State.Completed.ToDictionary(
        done => done.Key, done => string.Join(' ', done.Value.Files.Select(f => $"{f.Name}:{f.Sha256}:{f.Bytes}")), StringComparer.Ordinal);

    /// <summary>Every event of a file is about a file that is there whole, and every shard is counted once.</summary>
    public void AssertWhole()
    {
        string[] shards = [.. Of(nameof(ShardCompleted)).Select(e => e.Data!.Value.GetProperty("shard").GetString()!)];
        Assert.Equal(shards.Distinct(StringComparer.Ordinal), shards);
        foreach (var file in State.Completed.Values.SelectMany(done => done.Files))
        {
            Assert.True(File.Exists(file.Path), $"the journal has an event for {file.Path}, which is not there");
            Assert.Equal((file.Path, file.Bytes, file.Sha256), (file.Path, new FileInfo(file.Path).Length, FileHash.Sha256(file.Path)));
        }
    }

    /// <summary>Every image was decoded once, or its shard was taken from the store where a killed worker had left it whole.</summary>
    public void AssertEachImageDecodedOnce()
    {
        foreach (var shard in State.Shards.Where(s => s.Kind == "extract"))
        {
            var done = State.Completed[shard.Id];
            Assert.Equal((shard.Id, done.Adopted ? 0 : shard.End - shard.Start), (shard.Id, done.ImagesDecoded));
        }
    }

    /// <summary>Every checkpoint that the journal still counts on is there whole, and epochs were counted once.</summary>
    public void AssertCheckpointsWhole()
    {
        foreach (var file in State.Checkpoints.Select(c => c.File))
            Assert.Equal((file.Path, file.Bytes, file.Sha256), (file.Path, new FileInfo(file.Path).Length, FileHash.Sha256(file.Path)));
        int[] epochs = [.. Of(nameof(EpochCompleted)).Select(e => e.Data!.Value.GetProperty("epoch").GetInt32())];
        Assert.Equal(epochs.Distinct(), epochs);
    }
}
