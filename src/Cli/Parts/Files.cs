using ClusterBench.Api;

namespace ClusterBench.Cli.Parts;

internal interface IFiles
{
    /// <summary>SHA-256 of a file's bytes in lower-case hex.</summary>
    string Sha256(string path);

    /// <summary>Writes a file whole or not at all.</summary>
    void WriteAtomically(string path, byte[] content);

    /// <summary>Writes the backbone's tensors of a checkpoint to a file of their own; returns the report, line by line.</summary>
    IReadOnlyList<string> ExtractBackbone(string checkpoint, string modelFile);
}

internal interface IReports
{
    /// <summary>Writes a report that sets runs side by side (an .html path; the .md stands beside it).</summary>
    void Compare(IReadOnlyList<RunResults> runs, string path);

    /// <summary>Writes <c>report.html</c> and <c>report.md</c> into the run's folder and returns their paths, the HTML one first.</summary>
    IReadOnlyList<string> Write(RunResults results, string workDir, IReadOnlyList<EventView> events);
}
