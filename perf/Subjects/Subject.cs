using System.Diagnostics;
using System.Text.Json;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Subjects;

/// <summary>Our side of a race: prepares the work, does it once for warmth and the comparison, then once per line it reads.</summary>
internal static class Subject
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static int Run(string description)
    {
        NativeSetup.Initialize();
        var work = JsonSerializer.Deserialize<Work>(description, Json)!;
        if (work.Rank > 0)
            return AllReduceSubject.Follow(work);
        using ISubject subject = work.Kind switch
        {
            "extract" => new ExtractSubject(work),
            "knn" => new KnnSubject(work),
            "allreduce" => new AllReduceSubject(work),
            _ => throw new ArgumentException($"there is no work called {work.Kind}", nameof(description)),
        };
        subject.Repeat();
        File.WriteAllBytes(Path.Combine(work.Folder, work.Output), subject.Output());
        Say(new { about = $"libtorch {TorchSharp.torch.__version__}" });
        while (Console.In.ReadLine() is not null)
        {
            var (wall, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            var units = subject.Repeat();
            Say(new Repetition(Stopwatch.GetElapsedTime(wall).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, units));
        }
        return 0;
    }

    private static void Say<T>(T line) => Console.Out.WriteLine(JsonSerializer.Serialize(line, Json));
}

internal interface ISubject : IDisposable
{
    /// <returns>Units of work done.</returns>
    long Repeat();

    /// <summary>The numbers of the last repetition as float32.</summary>
    byte[] Output();
}
