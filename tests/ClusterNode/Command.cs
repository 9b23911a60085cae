namespace ClusterBench.Tests.ClusterNode;

/// <summary>Commands from the test, one per line, on a thread of its own; <c>stop</c> ends the node in order.</summary>
internal static class Command
{
    public static void Listen(TextReader? commands, CancellationTokenSource stop, Action<string> execute)
    {
        if (commands is null)
        {
            return;
        }

        new Thread(() =>
        {
            while (commands.ReadLine() is { } line)
            {
                if (line == "stop")
                {
                    stop.Cancel();
                }
                else
                {
                    execute(line);
                }
            }
        }) { IsBackground = true }.Start();
    }
}
