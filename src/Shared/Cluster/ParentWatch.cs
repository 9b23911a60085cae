using System.Runtime.InteropServices;

namespace ClusterBench.Cluster;

/// <summary>
/// Ends a child process with the embedded parent that started it: the parent holds the other end of the child's standard input,
/// which the kernel closes however the parent ends. Without <c>CLUSTERBENCH_PARENT_PID</c> nothing is watched, because under
/// srun, Kubernetes or a shell standard input may be at its end from the start.
/// </summary>
public static partial class ParentWatch
{
    /// <summary>The variable by which a parent tells a child that its standard input is this line of life.</summary>
    public const string Variable = "CLUSTERBENCH_PARENT_PID";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Starts the watch when the environment asks for it; false when it does not. When standard input ends,
    /// <paramref name="stop"/> is cancelled; a process that is still there 5 s later is ended hard, with exit status 1.
    /// </summary>
    public static bool Start(CancellationTokenSource stop)
    {
        ArgumentNullException.ThrowIfNull(stop);
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
        {
            return false;
        }

        var input = Console.OpenStandardInput();
        // Two threads, neither of the pool, which may be exhausted; the second because a cancellation runs the callbacks of whoever waits, on the spot.
        new Thread(() => Watch(input, stop)) { IsBackground = true, Name = "parent watch" }.Start();
        return true;
    }

    private static void Watch(Stream input, CancellationTokenSource stop)
    {
        var buffer = new byte[256];
        try
        {
            while (input.Read(buffer) > 0)
            {
                // What a parent may write here has no meaning.
            }
        }
        catch (IOException)
        {
            // A broken standard input is as good as a closed one.
        }

        new Thread(() => EndAfter(Grace)) { IsBackground = true, Name = "parent gone" }.Start();
        try
        {
            stop.Cancel();
        }
        catch (Exception e) when (e is ObjectDisposedException or AggregateException)
        {
            // The process is ending already.
        }
    }

    private static void EndAfter(TimeSpan grace)
    {
        using var never = new ManualResetEventSlim();
        never.Wait(grace);
        ExitNow(1);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int status);
}
