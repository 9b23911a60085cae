using System.Runtime.InteropServices;
using ClusterBench.GpuWorker.Knn;
using ClusterBench.Perf.Inputs;
using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Subjects;

/// <summary>Search, merge and vote as the worker does them, with the plan's tile sizes; normalising is part of it.</summary>
internal sealed class KnnSubject(Work work) : ISubject
{
    // PrepareShard's.
    private const int QueryTile = 256, BankTile = 1024;

    private readonly float[] _bank = Read<float>(work, KnnInputs.Bank), _queries = Read<float>(work, KnnInputs.Queries);
    private readonly int[] _bankLabels = Read<int>(work, KnnInputs.BankLabels), _queryLabels = Read<int>(work, KnnInputs.QueryLabels);
    private float[] _accuracy = [];

    public long Repeat()
    {
        var block = KnnSearch.Block(_queries, _bank, work.Width, 0, KnnInputs.Ks.Max(), new KnnTiles(QueryTile, BankTile, work.Threads), work.Tokens);
        var results = KnnVote.Evaluate(KnnMerge.Merge([block], KnnInputs.Ks.Max()), _bankLabels, _queryLabels, KnnInputs.Ks, KnnInputs.Temperature, work.Classes);
        _accuracy = [.. results.Select(r => (float)r.Top1)];
        return work.Queries;
    }

    public byte[] Output() => MemoryMarshal.AsBytes(_accuracy.AsSpan()).ToArray();

    public void Dispose()
    {
    }

    private static T[] Read<T>(Work work, string name) where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(File.ReadAllBytes(Path.Combine(work.Folder, name))).ToArray();
}
