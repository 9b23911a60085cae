namespace ClusterBench.Cli.Parts;

/// <summary>The parts of the program that the command line calls; each loads what it needs at its first use.</summary>
internal sealed record PartSet
{
    public required IConfigs Configs { get; init; }
    public required IFiles Files { get; init; }
    public required IEmbeddedStarter Embedded { get; init; }
    public required IJournals Journals { get; init; }
    public required IReports Reports { get; init; }
    public required ICoordinatorProgram Coordinator { get; init; }

    /// <summary>The parts of this build.</summary>
    public static PartSet OfProgram()
    {
        var (files, cluster) = (new FilePart(), new ClusterPart());
        return new PartSet { Configs = new ConfigPart(), Files = files, Reports = files, Embedded = cluster, Journals = cluster, Coordinator = cluster };
    }
}
