using System.Security.Cryptography;
using ClusterBench.GpuWorker.Devices;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Numerics;

/// <summary>
/// What a worker's results depend on: a digest of the bits that it computes from fixed work, and the fields that explain a difference
/// to a person. Workers with equal digests are taken to compute equal bits.
/// </summary>
/// <param name="Digest">SHA-256 in lower-case hex.</param>
/// <param name="Machine">What the digest was computed on.</param>
public sealed record ProbeReport(string Digest, MachineFacts Machine)
{
    /// <summary>Why two workers' digests may differ, a line for each field that does; empty when the digests are equal.</summary>
    public IReadOnlyList<string> Differences(ProbeReport other)
    {
        if (Digest == other.Digest)
            return [];
        string[] lines = [.. Machine.Fields.Zip(other.Machine.Fields)
            .Where(pair => pair.First.Value != pair.Second.Value)
            .Select(pair => $"{pair.First.Name}: {pair.First.Value}, not {pair.Second.Value}")];
        return lines.Length > 0 ? lines : ["all known fields are equal; the processors' kernels differ all the same"];
    }
}

/// <summary>Computes the probe digest of this process.</summary>
public static class ProbeDigest
{
    /// <summary>
    /// Runs the fixed work on a thread of its own with one intra-op thread, some 300 ms. To be called once, before anything else
    /// computes: making convolution kernels is not safe beside other threads that make some.
    /// </summary>
    /// <param name="resample">
    /// The image resampler on a fixed picture; its bytes are part of the digest. It belongs to the images and is handed in here.
    /// </param>
    /// <param name="device">What this process computes on; null: the processor.</param>
    public static ProbeReport Compute(Func<byte[]> resample, ComputeDevice? device = null)
    {
        NativeSetup.Initialize();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Exception? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                set_num_threads(1);
                new ProbeWork(device ?? ComputeDevice.Cpu).Run(bytes => hash.AppendData(bytes));
                hash.AppendData(resample());
            }
            catch (Exception e)
            {
                error = e;
            }
        }) { Name = "probe" };
        thread.Start();
        thread.Join();
        if (error is not null)
            throw new InvalidOperationException("the probe of this machine's arithmetic failed", error);
        return new ProbeReport(Convert.ToHexStringLower(hash.GetHashAndReset()), MachineFacts.Here(device?.Gpu?.Name));
    }
}
