using System.Globalization;
using System.Runtime.InteropServices;

namespace ClusterBench.GpuWorker.Devices;

/// <summary>What NVIDIA's driver says of its GPUs; TorchSharp only counts them. CUDA_VISIBLE_DEVICES is obeyed by the driver itself.</summary>
internal static unsafe partial class CudaDriver
{
    private const string Library = "libcuda.so.1";
    private const int NoDevice = 100, NameSize = 256;

    /// <summary>All visible GPUs; none is no error.</summary>
    /// <exception cref="UserErrorException">There is no driver, or it does not start; the message is its own.</exception>
    public static IReadOnlyList<Gpu> Gpus()
    {
        try
        {
            var started = Init(0);
            if (started == NoDevice)
                return [];
            Check(started, "start");
            Check(DeviceGetCount(out var count), "count its GPUs");
            return [.. Enumerable.Range(0, count).Select(Describe)];
        }
        catch (DllNotFoundException e)
        {
            throw new UserErrorException($"NVIDIA's driver is not installed here ({Library} is not found)", 1, e);
        }
    }

    private static Gpu Describe(int index)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"describe GPU {index}");
        Check(DeviceGet(out var device, index), what);
        var name = stackalloc byte[NameSize];
        Check(DeviceGetName(name, NameSize, device), what);
        Check(DeviceTotalMem(out var bytes, device), what);
        var uuid = stackalloc byte[16];
        var known = DeviceGetUuid(uuid, device) == 0;
        return new Gpu(index, Marshal.PtrToStringUTF8((nint)name)!, known ? Convert.ToHexStringLower(new ReadOnlySpan<byte>(uuid, 16)) : "", (long)bytes);
    }

    private static void Check(int result, string what)
    {
        if (result == 0)
            return;
        var text = GetErrorString(result, out var message) == 0 ? Marshal.PtrToStringUTF8(message) : "unknown error";
        throw new UserErrorException(string.Create(CultureInfo.InvariantCulture, $"NVIDIA's driver cannot {what}: {text} (CUDA error {result})"), 1);
    }

    [LibraryImport(Library, EntryPoint = "cuInit")]
    private static partial int Init(uint flags);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetCount")]
    private static partial int DeviceGetCount(out int count);

    [LibraryImport(Library, EntryPoint = "cuDeviceGet")]
    private static partial int DeviceGet(out int device, int index);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetName")]
    private static partial int DeviceGetName(byte* name, int size, int device);

    [LibraryImport(Library, EntryPoint = "cuDeviceTotalMem_v2")]
    private static partial int DeviceTotalMem(out nuint bytes, int device);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetUuid_v2")]
    private static partial int DeviceGetUuid(byte* uuid, int device);

    [LibraryImport(Library, EntryPoint = "cuGetErrorString")]
    private static partial int GetErrorString(int result, out nint text);
}
