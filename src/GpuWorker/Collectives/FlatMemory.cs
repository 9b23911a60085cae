using System.Globalization;
using ClusterBench.GpuWorker.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Collectives;

/// <summary>The memory of a tensor on the CPU, for engines that read and write it themselves.</summary>
internal static class FlatMemory
{
    /// <summary>The address of a contiguous tensor's first element; valid while the caller keeps the tensor.</summary>
    public static nint Of(Tensor tensor) => tensor.device_type == TorchSharp.DeviceType.CPU && tensor.is_contiguous()
        ? tensor.Address()
        : throw new ArgumentException($"a contiguous tensor on the CPU is needed, not one of shape [{string.Join(", ", tensor.shape)}] on {tensor.device_type}", nameof(tensor));

    public static long Bytes(Tensor tensor) => tensor.numel() * tensor.element_size();

    /// <summary>Checks what <see cref="ICollective.Reduce"/> is given.</summary>
    /// <returns>The addresses of the sums.</returns>
    public static nint[] Sums(IReadOnlyList<Tensor> sums, Tensor mean, int expected)
    {
        if (sums.Count != expected)
            throw new ArgumentException($"this member hosts {expected} sub-trees and was given {sums.Count} sums", nameof(sums));
        if (sums.Append(mean).FirstOrDefault(t => t.dtype != ScalarType.Float32 || t.numel() != mean.numel()) is { } wrong)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"sums and mean are float32 and equally long, not {wrong.numel()} of {wrong.dtype} beside a mean of {mean.numel()}"), nameof(sums));
        return [.. sums.Select(Of)];
    }

    /// <summary>Checks what <see cref="ICollective.Gather"/> is given.</summary>
    public static int RecordSize(IReadOnlyList<byte[]> records, int hosted)
    {
        if (records.Count != hosted)
            throw new ArgumentException($"this member hosts {hosted} virtual ranks and was given {records.Count} records", nameof(records));
        var size = records[0].Length;
        if (size is < 1 or > MaxRecord || records.Any(r => r.Length != size))
            throw new ArgumentException($"records have one size of 1 to {MaxRecord} bytes", nameof(records));
        return size;
    }

    private const int MaxRecord = 64 << 10;
}
