using System.Text;
using ClusterBench.Api;
using ClusterBench.Training;

namespace ClusterBench.Reports;

/// <summary>Writes reports: the same text as HTML for a browser (self-contained) and as Markdown for a repository or a mail.</summary>
public static class ReportWriter
{
    /// <summary>File name of a report in a run's folder.</summary>
    public const string HtmlName = "report.html";

    /// <summary>File name of the Markdown form.</summary>
    public const string MarkdownName = "report.md";

    private const string ConfigName = "config.yaml";

    /// <summary>
    /// Writes <c>report.html</c> and <c>report.md</c> of one run into its folder, over those that are there. The resolved config is shown
    /// where the folder holds it as <c>config.yaml</c>, and the curves of a training from its <c>log.json</c>.
    /// </summary>
    /// <param name="results">What <c>results.json</c> holds.</param>
    /// <param name="events">The run's journal, oldest first.</param>
    /// <param name="folder">The run's folder; made if absent.</param>
    /// <exception cref="IOException">A file cannot be written; a report that was there is as before.</exception>
    /// <exception cref="UserErrorException">The training's log cannot be read.</exception>
    public static void Write(RunResults results, IReadOnlyList<EventView> events, string folder)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(events);
        string config = Path.Combine(folder, ConfigName);
        var log = results.Training is null ? null : TrainingLogFile.Read(Path.Combine(folder, TrainingLogFile.Name));
        var document = RunReport.Build(results, events, File.Exists(config) ? File.ReadAllText(config) : null, log);
        Save(Path.Combine(folder, HtmlName), HtmlReport.Render(document));
        Save(Path.Combine(folder, MarkdownName), MarkdownReport.Render(document));
    }

    /// <summary>Writes the table that sets runs side by side, the first one being the one of interest.</summary>
    /// <param name="runs">At least one.</param>
    /// <param name="path">The HTML file; the Markdown lies beside it, with the extension <c>.md</c>.</param>
    /// <exception cref="IOException">A file cannot be written; a report that was there is as before.</exception>
    public static void WriteComparison(IReadOnlyList<RunResults> runs, string path)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count == 0)
            throw new ArgumentException("There is nothing to compare.", nameof(runs));
        var document = ComparisonReport.Build(runs);
        Save(path, HtmlReport.Render(document));
        Save(Path.ChangeExtension(path, ".md"), MarkdownReport.Render(document));
    }

    // Under another name first: whoever has the report open, or a full disk, never meets half a file.
    private static void Save(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            File.WriteAllText(temporary, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
