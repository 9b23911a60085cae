namespace ClusterBench.Cluster;

/// <summary>Exit statuses of nodes that mean something to whoever started them; after any other one they are started again.</summary>
public static class NodeExit
{
    /// <summary>
    /// The journal's file cannot be written (disk full, input/output error, no permission). A start changes nothing about it: an
    /// embedded cluster ends with the node's last lines, so that its user learns the reason.
    /// </summary>
    public const int JournalUnusable = 74;
}
