namespace ClusterBench.Cli;

/// <summary>Exit statuses of the program (design, section 3).</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    /// <summary>The run failed or was canceled.</summary>
    public const int Failed = 1;
    /// <summary>The call or the config was wrong.</summary>
    public const int WrongCall = 2;
    public const int NoCluster = 3;
    /// <summary>Interrupted by a signal; the run can be resumed.</summary>
    public const int Interrupted = 130;
}
