using System.Diagnostics;
using System.Runtime.InteropServices;
using ClusterBench.Cli.Calls;

namespace ClusterBench.Cli.Clusters;

/// <summary>The worker's program: an executable of its own, because only a worker loads libtorch.</summary>
/// <param name="path">Absolute path of the executable.</param>
internal sealed partial class WorkerProgram(string path)
{
    public const string Name = "clusterbench-worker";

    public string Path { get; } = path;

    /// <summary>Whether it was built with the CUDA version of libtorch.</summary>
    public bool HasCuda
    {
        get
        {
            string folder = System.IO.Path.GetDirectoryName(Path)!;
            return File.Exists(System.IO.Path.Combine(folder, "libtorch_cuda.so"))
                || File.Exists(System.IO.Path.Combine(folder, "runtimes", "linux-x64", "native", "libtorch_cuda.so"));
        }
    }

    /// <summary>The program beside this one: in <c>worker/</c> of an installation, or in the build tree.</summary>
    /// <exception cref="UserErrorException">It is in neither place.</exception>
    public static WorkerProgram Find() => Find(AppContext.BaseDirectory);

    /// <inheritdoc cref="Find()"/>
    /// <param name="folder">Where this program lies.</param>
    public static WorkerProgram Find(string folder)
    {
        string here = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder));
        string[] places =
        [
            System.IO.Path.Combine(here, "worker", Name),
            System.IO.Path.GetFullPath(System.IO.Path.Combine(here, "..", "..", "GpuWorker", System.IO.Path.GetFileName(here), Name)),
        ];
        return places.FirstOrDefault(File.Exists) is { } found ? new WorkerProgram(found)
            : throw new UserErrorException($"The worker's program is missing: neither {places[0]} nor {places[1]} exists. "
                + "Build it with ./clusterbench, or install ClusterBench again.", ExitCodes.Failed);
    }

    /// <summary>
    /// Replaces this process by the worker's, under the same process id; its command line shows <c>clusterbench worker ...</c>.
    /// Returns only if that failed, with the reason.
    /// </summary>
    public UserErrorException Become(IReadOnlyList<string> words)
    {
        string?[] arguments = [.. words.Prepend("clusterbench"), null];
        string?[] environment = [.. Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(pair => $"{pair.Key}={pair.Value}"), null];
        _ = Execute(Path, arguments, environment);
        return new UserErrorException($"{Path} cannot be started: {Marshal.GetLastPInvokeErrorMessage()}", ExitCodes.Failed);
    }

    /// <summary>Runs the program to its end with a text on its standard input; what it prints goes on to ours.</summary>
    /// <returns>Its exit status.</returns>
    public async Task<int> AskAsync(IReadOnlyList<string> words, string input, Surroundings around, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Path, words)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = around.Directory,
        };
        using Process worker = Process.Start(start) ?? throw new UserErrorException($"{Path} cannot be started.", ExitCodes.Failed);
        try
        {
            Task<string> results = worker.StandardOutput.ReadToEndAsync(cancel);
            Task<string> errors = worker.StandardError.ReadToEndAsync(cancel);
            await worker.StandardInput.WriteAsync(input.AsMemory(), cancel).ConfigureAwait(false);
            worker.StandardInput.Close();
            await around.Out.WriteAsync(await results.ConfigureAwait(false)).ConfigureAwait(false);
            await around.Error.WriteAsync(await errors.ConfigureAwait(false)).ConfigureAwait(false);
            await worker.WaitForExitAsync(cancel).ConfigureAwait(false);
            return worker.ExitCode;
        }
        catch (OperationCanceledException)
        {
            worker.Kill();
            throw;
        }
    }

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments, string?[] environment);
}
