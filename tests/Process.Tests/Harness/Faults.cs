using System.Globalization;

namespace ClusterBench.Tests.Harness;

/// <summary>A scripted fault of a test: how it is armed, and the proof that it fired.</summary>
/// <param name="Folder">The test's folder.</param>
/// <param name="Point">One of <see cref="ClusterBench.Faults.FaultPoints"/>.</param>
/// <param name="Passage">The how-many-eth passage of it in one process, from 1.</param>
/// <param name="Action"><c>kill</c>, <c>stop</c>, <c>throw</c> or <c>sleep=SECONDS</c>.</param>
internal sealed record ScriptedFault(TestFolder Folder, string Point, int Passage, string Action)
{
    /// <summary>The environment that arms it.</summary>
    public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["CLUSTERBENCH_FAULTS"] = $"{Point}@{Passage.ToString(CultureInfo.InvariantCulture)}:{Action}",
        ["CLUSTERBENCH_FAULTS_DIR"] = Folder.FaultsDir,
    };

    private string Marker => Path.Combine(Folder.FaultsDir, $"{Point}@{Passage.ToString(CultureInfo.InvariantCulture)}-{Action.Split('=')[0]}");

    /// <summary>Waits for the marker; returns the id of the process that is at the point (or was, if it killed itself).</summary>
    public async Task<int> FiredAsync(RunningProgram call)
    {
        string text = await Eventually.HaveAsync(
            () =>
            {
                string? text = File.Exists(Marker) ? File.ReadAllText(Marker) : null;
                if (text is null && call.HasEnded)
                    throw new InvalidOperationException($"the call ended and {Point} was never passed:\n{call.ErrorSoFar}");
                return text?.EndsWith('\n') == true ? text : null;
            }, $"the fault {Point} fires");
        return int.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);
    }

    public void AssertFired() => Assert.True(File.Exists(Marker), $"the fault {Point} has not fired: {Marker} is not there");
}
