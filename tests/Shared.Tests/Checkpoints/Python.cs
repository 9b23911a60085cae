using System.Diagnostics;

namespace ClusterBench.Tests.Checkpoints;

/// <summary>Debian's Python with PyTorch and numpy, as the judge of files that we write.</summary>
internal static class Python
{
    /// <summary>Runs a script and returns what it printed; fails with its error text if it fails.</summary>
    public static async Task<string> Run(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/python3") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["OMP_NUM_THREADS"] = "1";
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("python3 did not start");
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"python3 ended with {process.ExitCode}:\n{await errors}");
        return (await output).Trim();
    }
}
