using System.Globalization;
using System.Runtime.ExceptionServices;
using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Knn;

/// <summary>Sizes that the plan fixes for a nearest-neighbour search; all of them may change the last bits of a similarity.</summary>
/// <param name="QueryTile">Queries of one matrix product.</param>
/// <param name="BankTile">Bank entries of one matrix product; a block of the bank begins at a multiple of it.</param>
/// <param name="Threads">Intra-op threads of one product.</param>
public sealed record KnnTiles(int QueryTile, int BankTile, int Threads);

/// <summary>Finds the most similar entries of one block of the bank for every query.</summary>
public static class KnnSearch
{
    /// <summary>Searches a block of the bank; the blocks' results go to <see cref="KnnMerge"/>.</summary>
    /// <param name="queries">Raw feature rows of all queries, queries x width, row-major.</param>
    /// <param name="bank">Raw feature rows of the block, row-major.</param>
    /// <param name="width">Floats per row.</param>
    /// <param name="bankOffset">Index of the block's first entry in the whole bank.</param>
    /// <param name="k">The largest k; a smaller block gives all of its entries.</param>
    /// <param name="tokens">Queries' tiles at once; it changes no bits. A GPU multiplies one at a time, and the processor sorts beside it.</param>
    /// <param name="querySplit">Which split the queries are, for messages.</param>
    /// <param name="bankSplit">Which split the bank is, for messages.</param>
    /// <param name="device">What multiplies; null: the processor. It changes last bits.</param>
    /// <exception cref="UserErrorException">A row holds NaN or infinity, or the GPU's memory is too small.</exception>
    /// <exception cref="UnreliableKernelException">The first product, computed twice, gave two results.</exception>
    public static KnnCandidates Block(
        ReadOnlyMemory<float> queries, ReadOnlyMemory<float> bank, int width, int bankOffset, int k, KnnTiles tiles, int tokens,
        string querySplit = "val", string bankSplit = "train", ComputeDevice? device = null, CancellationToken cancellation = default)
    {
        NativeSetup.Initialize();
        if (bankOffset % tiles.BankTile != 0)
            throw new ArgumentException($"a block of the bank begins at a multiple of {tiles.BankTile}, not at {bankOffset}", nameof(bankOffset));
        var (queryRows, bankRows) = (queries.Length / width, bank.Length / width);
        var result = new KnnCandidates(queryRows, Math.Min(k, bankRows));
        var bankTiles = new List<KnnTile>();
        device ??= ComputeDevice.Cpu;
        using var products = new ComputeTokens(device.Tokens(tokens));
        var guard = new FirstShapeGuard(products);
        var shape = string.Create(CultureInfo.InvariantCulture, $"a product of {tiles.QueryTile} x {width} and {width} x {tiles.BankTile}, {tiles.Threads} threads");
        var what = string.Create(CultureInfo.InvariantCulture, $"a bank of {bankRows} rows of {width} numbers");
        try
        {
            for (var first = 0; first < bankRows; first += tiles.BankTile)
                bankTiles.Add(OnDevice(() => Tile(bank, first, tiles.BankTile, width, bankOffset, bankSplit, device)));
            var next = -tiles.QueryTile;
            InParallel(tokens, tiles.Threads, stop =>
            {
                for (int first; !stop.IsCancellationRequested && (first = Interlocked.Add(ref next, tiles.QueryTile)) < queryRows;)
                {
                    using var tile = OnDevice(() => Tile(queries, first, tiles.QueryTile, width, 0, querySplit, device));
                    Search(tile, bankTiles, result, Similarities);
                }
            }, cancellation);
            return result;
        }
        finally
        {
            bankTiles.ForEach(tile => tile.Dispose());
        }

        T OnDevice<T>(Func<T> work) => device.Run(what, "a smaller feature", work);

        Tensor Similarities(KnnTile query, KnnTile tile) => OnDevice(() => guard.Run(
            shape,
            () =>
            {
                using var product = KnnTile.Similarities(query, tile);
                return device.Bring(product);
            },
            (once, again) => Bits.Difference(once.Floats(), again.Floats())));
    }

    private static KnnTile Tile(ReadOnlyMemory<float> rows, int first, int size, int width, int offset, string split, ComputeDevice device)
    {
        var count = Math.Min(size, rows.Length / width - first);
        return new KnnTile(rows.Span.Slice(first * width, count * width), width, size, offset + first, split, device);
    }

    private static void Search(KnnTile queries, List<KnnTile> bank, KnnCandidates result, Func<KnnTile, KnnTile, Tensor> product)
    {
        var best = Enumerable.Range(0, queries.Rows).Select(_ => new TopK(result.Count)).ToArray();
        foreach (var tile in bank)
        {
            using var scope = NewDisposeScope();
            var similarities = product(queries, tile);
            var values = similarities.Floats();
            var size = (int)similarities.shape[1];
            for (var query = 0; query < queries.Rows; query++)
                best[query].Add(values.Slice(query * size, tile.Rows), tile.First);
        }
        for (var query = 0; query < queries.Rows; query++)
            best[query].Take(result.SimilaritiesOf(queries.First + query), result.IndicesOf(queries.First + query));
    }

    private static void InParallel(int tokens, int threads, Action<CancellationToken> work, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Exception? error = null;
        Thread[] workers = [.. Enumerable.Range(0, tokens).Select(_ => new Thread(() =>
        {
            try
            {
                set_num_threads(threads);
                using var mode = inference_mode();
                using var scope = NewDisposeScope();
                work(stop.Token);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref error, e, null);
                stop.Cancel();
            }
        }) { IsBackground = true, Name = "knn" })];
        foreach (var worker in workers)
            worker.Start();
        foreach (var worker in workers)
            worker.Join();
        if (error is not null)
            ExceptionDispatchInfo.Throw(error);
        cancellation.ThrowIfCancellationRequested();
    }
}
