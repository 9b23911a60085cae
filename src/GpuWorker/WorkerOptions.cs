using System.Globalization;

namespace ClusterBench.GpuWorker;

/// <summary>What <c>clusterbench worker</c> was called with; the command line has checked it before.</summary>
internal sealed record WorkerOptions
{
    public string Join { get; private init; } = "";

    public string Host { get; private init; } = "127.0.0.1";

    public int Port { get; private init; }

    public int DataPort { get; private init; }

    public string Device { get; private init; } = "auto";

    public string WorkRoot { get; private init; } = Path.Combine("work_dirs", ".clusterbench");

    public int? Cores { get; private init; }

    public int? Slot { get; private init; }

    public string? Hocon { get; private init; }

    public static WorkerOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new WorkerOptions();
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var name = arguments[i];
            var value = i + 1 < arguments.Count ? arguments[i + 1] : throw new UserErrorException($"{name} needs a value.");
            options = name switch
            {
                "--join" => options with { Join = value },
                "--host" => options with { Host = value },
                "--port" => options with { Port = Number(name, value) },
                "--data-port" => options with { DataPort = Number(name, value) },
                "--device" => options with { Device = value },
                "--work-root" => options with { WorkRoot = value },
                "--cores" => options with { Cores = Number(name, value) },
                "--slot" => options with { Slot = Number(name, value) },
                "--hocon" => options with { Hocon = value },
                _ => throw new UserErrorException($"{name} is no option of `clusterbench worker`; `clusterbench worker --help` lists them."),
            };
        }

        return options.Join.Length > 0 ? options : throw new UserErrorException("--join is missing: the URL of the coordinator's API, or @FILE of a cluster.json.");
    }

    private static int Number(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : throw new UserErrorException($"{name}: '{value}' is not a number.");
}
