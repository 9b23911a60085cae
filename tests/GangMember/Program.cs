using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ClusterBench.GpuWorker.Collectives;
using ClusterBench.GpuWorker.Collectives.Tcp;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Tests.Collectives;

// GangMember VIRTUAL_RANKS WORKERS RANK: says PORT n, reads the ports of all members, and then does what each line says:
// reduce LENGTH (says MEAN sha256 sent received), steps LENGTH (reduces until the gang breaks), wait (calls nothing), end.
// When the gang breaks it says BROKEN cause peer message.
NativeSetup.Initialize();
int[] numbers = [.. args.Select(static a => int.Parse(a, CultureInfo.InvariantCulture))];
using var plane = new DataPlane("127.0.0.1", 0, Console.Error.WriteLine);
Console.WriteLine($"PORT {plane.Port}");
int[] ports = [.. Console.ReadLine()!.Split(' ').Select(static p => int.Parse(p, CultureInfo.InvariantCulture))];
try
{
    using var collective = TcpCollective.Connect(plane, Gangs.Group(numbers[0], numbers[1], numbers[2], 1, ports), Encoding.ASCII.GetBytes("the secret of run 1, long enough"));
    Console.WriteLine("CONNECTED");
    for (var step = 0L; Console.ReadLine() is { } line && line != "end";)
    {
        var command = line.Split(' ');
        switch (command[0])
        {
            case "reduce":
                var mean = Gangs.Reduce(collective, int.Parse(command[1], CultureInfo.InvariantCulture), step++);
                Console.WriteLine($"MEAN {Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(mean.AsSpan())))} {collective.BytesSent} {collective.BytesReceived}");
                break;
            case "steps":
                Console.WriteLine("STEPPING");
                while (true)
                    _ = Gangs.Reduce(collective, int.Parse(command[1], CultureInfo.InvariantCulture), step++);
            default:
                Console.WriteLine("WAITING");
                var begin = Stopwatch.GetTimestamp();
                // Nobody calls: what happens to the gang is to be noticed all the same.
                while (collective.Aborted is null && Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(30))
                    await Task.Delay(20);
                throw collective.Aborted ?? throw new TimeoutException("the gang is well");
        }
    }
    Console.WriteLine("ENDED");
}
catch (CollectiveAbortedException e)
{
    Console.WriteLine($"BROKEN {e.Cause} {e.Peer} {e.Message}");
}
