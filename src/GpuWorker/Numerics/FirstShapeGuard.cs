using System.Collections.Concurrent;

namespace ClusterBench.GpuWorker.Numerics;

/// <summary>
/// The first computation of every shape runs alone and twice, and both results must be equal bit by bit. oneDNN makes a kernel at
/// the first use of a shape, and two threads that make kernels at once were seen to get silently wrong results (docs/numerics.md);
/// running kernels that are made is safe. It costs one batch per shape and changes no bits.
/// </summary>
public sealed class FirstShapeGuard(ComputeTokens tokens)
{
    private readonly ConcurrentDictionary<string, bool> _proven = new(StringComparer.Ordinal);

    /// <summary>
    /// Whether a shape's kernels are proven; until then a computation that writes into memory of its own must hand out a copy, so that
    /// its first result can be compared with its second.
    /// </summary>
    public bool IsProven(string shape) => _proven.ContainsKey(shape);

    /// <summary>Computes under a token, or for a new shape alone and twice.</summary>
    /// <param name="shape">All that decides which kernels are needed: network, mode, batch, height and width, threads.</param>
    /// <param name="compute">Gives the same result whenever it is called.</param>
    /// <param name="difference">Says where two results differ in a bit; null when they do not.</param>
    /// <exception cref="UnreliableKernelException">The two results of a new shape differ.</exception>
    public T Run<T>(string shape, Func<T> compute, Func<T, T, string?> difference)
    {
        if (_proven.ContainsKey(shape))
            return tokens.Run(compute);
        return tokens.RunAlone(() =>
        {
            var result = compute();
            if (_proven.ContainsKey(shape))
                return result;
            if (difference(result, compute()) is { } where)
                throw new UnreliableKernelException(shape, where);
            _proven[shape] = true;
            return result;
        });
    }
}

/// <summary>
/// The same computation gave two results. Nothing that this process has computed with these kernels can be trusted: it ends, and a
/// new one starts.
/// </summary>
public sealed class UnreliableKernelException(string shape, string difference) : UnusableProcessException(
    $"The first computation of {shape}, done twice, gave two results: {difference}. The kernels that were made in this process " +
    "cannot be trusted, so it ends without a result; the work is taken up again by another process. If this comes again on " +
    "this machine, test its memory, and start the worker with ONEDNN_MAX_CPU_ISA=AVX2 in its environment.");
