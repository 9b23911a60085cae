using System.Runtime.InteropServices;

namespace ClusterBench.Perf.Cluster;

/// <summary>Signals to processes that this program started.</summary>
internal static partial class Signals
{
    public const int Interrupt = 2, Kill = 9, Terminate = 15;

    public static void Send(int pid, int signal)
    {
        if (SendSignal(pid, signal) != 0)
            throw new UserErrorException($"signal {signal} to process {pid} failed with error {Marshal.GetLastPInvokeError()}: it is gone already", exitCode: 1);
    }

    [LibraryImport("libc.so.6", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);
}
