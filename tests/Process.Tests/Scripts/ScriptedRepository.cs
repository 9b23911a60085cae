using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ClusterBench.Tests.Scripts;

/// <summary>What a call printed and how it ended.</summary>
public sealed record Ending(int ExitCode, string Output, string Error);

/// <summary>A repository in miniature: the real scripts, a source file, and an SDK that only pretends.</summary>
public sealed class ScriptedRepository : IDisposable
{
    public ScriptedRepository()
    {
        Root = Directory.CreateTempSubdirectory("clusterbench-scripts-").FullName;
        foreach (string folder in (string[])["src/Cli", "build", "hocon", "fake"])
            Directory.CreateDirectory(Path.Combine(Root, folder));
        string repository = Path.GetFullPath(Path.Combine(Fixtures.Root, "..", ".."));
        foreach (string script in (string[])["clusterbench", "build/lib.sh"])
            File.Copy(Path.Combine(repository, script), Path.Combine(Root, script));
        foreach (string file in (string[])["src/Cli/Program.cs", "global.json", "Directory.Build.props", "Directory.Build.targets"])
            File.WriteAllText(Path.Combine(Root, file), "");
        File.CreateSymbolicLink(Path.Combine(Root, "fake", "dotnet"), Path.Combine(AppContext.BaseDirectory, "fake-dotnet.sh"));
    }

    public string Root { get; }

    /// <summary>How often the pretended SDK was asked to build.</summary>
    public int Builds => File.Exists(FilePath("fake/builds")) ? File.ReadAllLines(FilePath("fake/builds")).Length : 0;

    public string FilePath(string relative) => Path.Combine(Root, relative);

    public Task<Ending> CallAsync(params string[] arguments) => CallFromAsync(FilePath("clusterbench"), Root, FilePath("fake"), arguments);

    /// <summary>Processor seconds of a call and all that it starts.</summary>
    public async Task<double> CostAsync()
    {
        string timed = FilePath("fake/timed");
        await File.WriteAllTextAsync(timed, $"TIMEFORMAT='%U %S'\ntime bash '{FilePath("clusterbench")}'\n", TestContext.Current.CancellationToken);
        var ending = await CallFromAsync(timed, Root, FilePath("fake"));
        return ending.Error.Split(' ', StringSplitOptions.TrimEntries).Sum(static s => double.Parse(s, CultureInfo.InvariantCulture));
    }

    /// <param name="script">Path by which ./clusterbench is called.</param>
    /// <param name="folder">Current directory of the call.</param>
    /// <param name="dotnetRoot">Where the SDK is looked for.</param>
    /// <param name="arguments">The program's.</param>
    public async Task<Ending> CallFromAsync(string script, string folder, string dotnetRoot, params string[] arguments)
    {
        // By name of the shell: a script that was written a moment ago may still be open in a child of another test (ETXTBSY).
        var info = new ProcessStartInfo("bash", [script, .. arguments])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        info.Environment["DOTNET_ROOT"] = dotnetRoot;
        info.Environment["FAKE_DOTNET"] = FilePath("fake");
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Ending(process.ExitCode, await output, await error);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
