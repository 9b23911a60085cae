using ClusterBench.Api;
using ClusterBench.Checkpoints;
using ClusterBench.Files;
using ClusterBench.Reports;

namespace ClusterBench.Cli.Parts;

internal sealed class FilePart : IFiles, IReports
{
    public string Sha256(string path) => FileHash.Sha256(path);

    public void WriteAtomically(string path, byte[] content) => AtomicFile.Write(path, f => f.Write(content));

    public IReadOnlyList<string> ExtractBackbone(string checkpoint, string modelFile) => BackboneExtractor.Extract(checkpoint, modelFile).Lines;

    public void Compare(IReadOnlyList<RunResults> runs, string path) => ReportWriter.WriteComparison(runs, path);

    public IReadOnlyList<string> Write(RunResults results, string workDir, IReadOnlyList<EventView> events)
    {
        ReportWriter.Write(results, events, workDir);
        return [Path.Combine(workDir, "report.html"), Path.Combine(workDir, "report.md")];
    }
}
