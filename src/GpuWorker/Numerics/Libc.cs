using System.Runtime.InteropServices;

namespace ClusterBench.GpuWorker.Numerics;

/// <summary>The few functions of the C library that .NET has no own way to.</summary>
internal static partial class Libc
{
    private const string Library = "libc.so.6";
    private const int TrimThreshold = -1, TopPad = -2, MmapMax = -4, ArenaMax = -8;

    /// <summary>Native code reads its own environment: <see cref="Environment.SetEnvironmentVariable(string, string)"/> does not reach it.</summary>
    public static void SetEnvironment(string name, string value)
    {
        if (SetEnv(name, value, overwrite: 1) != 0)
            throw new InvalidOperationException($"setenv({name}) failed with error {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>
    /// Keeps freed memory in the process. glibc gives every activation of some megabytes back to the kernel and takes page faults
    /// for it in the next layer: a third of a forward pass. Other C libraries have no such switch and are left as they are.
    /// </summary>
    /// <returns>Whether the C library took the settings.</returns>
    public static bool KeepFreedMemory()
    {
        if (GlibcVersion() is null)
            return false;
        return MallOpt(MmapMax, 0) == 1 & MallOpt(TrimThreshold, int.MaxValue) == 1
            & MallOpt(TopPad, 256 << 20) == 1 & MallOpt(ArenaMax, 1) == 1;
    }

    /// <summary>The version of glibc, or null where the C library is another one.</summary>
    public static string? GlibcVersion()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            return Marshal.PtrToStringUTF8(GnuGetLibcVersion());
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport(Library, EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);

    [LibraryImport(Library, EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);

    [LibraryImport(Library, EntryPoint = "gnu_get_libc_version")]
    private static partial nint GnuGetLibcVersion();
}
