using System.Diagnostics;
using System.Text.Json;

namespace ClusterBench.Tests.Checkpoints;

/// <summary>
/// Debian's Python with PyTorch and numpy, as the judge of files that we write. One process serves all tests, since importing PyTorch takes
/// seconds; it ends when its input does, with the test program at the latest.
/// </summary>
internal static class Python
{
    private const string Server = """
        import sys, json, io, contextlib, traceback, torch, numpy
        for line in sys.stdin:
            script, arguments = json.loads(line)
            sys.argv = ['-c'] + arguments
            out = io.StringIO()
            try:
                with contextlib.redirect_stdout(out): exec(script, {})
                print(json.dumps([True, out.getvalue()]), flush=True)
            except BaseException:
                print(json.dumps([False, traceback.format_exc()]), flush=True)
        """;

    private static readonly SemaphoreSlim OneAtATime = new(1);
    private static Process? _process;

    /// <summary>Runs a script and returns what it printed; fails with its error text if it fails.</summary>
    public static async Task<string> Run(string script, params string[] arguments)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await OneAtATime.WaitAsync(cancel);
        try
        {
            _process ??= Start();
            await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new object[] { script, arguments }));
            await _process.StandardInput.FlushAsync(cancel);
            string? answer = await _process.StandardOutput.ReadLineAsync(cancel);
            Assert.True(answer is not null, "python3 ended; are python3-torch and python3-numpy installed?");
            using JsonDocument json = JsonDocument.Parse(answer);
            string text = json.RootElement[1].GetString()!.Trim();
            Assert.True(json.RootElement[0].GetBoolean(), text);
            return text;
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private static Process Start()
    {
        var start = new ProcessStartInfo("/usr/bin/python3") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Server);
        start.Environment["OMP_NUM_THREADS"] = "1";
        return Process.Start(start) ?? throw new InvalidOperationException("python3 did not start");
    }
}
