namespace ClusterBench.Reports;

/// <summary>What a report says, apart from how it is written: HTML and Markdown are two renderings of the same document.</summary>
/// <param name="Title">Plain text.</param>
/// <param name="Lead">One or two sentences under the title.</param>
/// <param name="Sections">In reading order.</param>
internal sealed record ReportDocument(string Title, string Lead, IReadOnlyList<ReportSection> Sections);

/// <param name="Heading">Plain text.</param>
/// <param name="Blocks">In reading order.</param>
internal sealed record ReportSection(string Heading, IReadOnlyList<ReportBlock> Blocks);

internal abstract record ReportBlock;

/// <param name="Text">Plain text.</param>
internal sealed record Paragraph(string Text) : ReportBlock;

/// <param name="Items">Plain text; what a reader must not overlook.</param>
/// <param name="IsWarning">The numbers are not what they seem, or there are none.</param>
internal sealed record Remarks(IReadOnlyList<string> Items, bool IsWarning = false) : ReportBlock;

/// <summary>A table whose rows each begin with their own heading.</summary>
/// <param name="Caption">What it shows.</param>
/// <param name="Columns">Headings, the first one over the rows' headings; all empty: a list of names and values.</param>
/// <param name="Rows">As many cells as there are columns.</param>
internal sealed record DataTable(string Caption, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows) : ReportBlock;

/// <summary>Preformatted text.</summary>
/// <param name="Text">Kept as it is.</param>
/// <param name="Language">For Markdown's fence.</param>
internal sealed record CodeBlock(string Text, string Language) : ReportBlock;

/// <summary>Charts that belong together.</summary>
/// <param name="Items">In reading order.</param>
internal sealed record Charts(IReadOnlyList<LineChart> Items) : ReportBlock;

/// <param name="Text">Plain text, rounded for reading.</param>
internal sealed record Cell(string Text)
{
    /// <summary>The full precision behind a rounded text.</summary>
    public string? Exact { get; init; }

    /// <summary>Set right-aligned.</summary>
    public bool IsNumber { get; init; }

    /// <summary>A point in time: kept on one line.</summary>
    public bool IsTime { get; init; }

    /// <summary>A path, hash or command.</summary>
    public bool IsCode { get; init; }

    /// <summary>0 to 100: drawn as a bar behind the text.</summary>
    public double? Percent { get; init; }
}
