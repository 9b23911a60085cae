namespace ClusterBench.Faults;

/// <summary>
/// Scripted faults: <c>CLUSTERBENCH_FAULTS=point@n:action[,...]</c> makes the n-th passage of a point in one process kill it,
/// throw, stop it (SIGSTOP) or wait. Each fires once over all restarts: it first creates its marker file in
/// <c>CLUSTERBENCH_FAULTS_DIR</c>, and only the process that created the file acts. Unset, a point costs one static read.
/// </summary>
public static class Fault
{
    private static readonly FaultPlan? Plan = FaultPlan.FromEnvironment();

    /// <summary>Passes the point; returns unless a fault is armed for this passage.</summary>
    public static void Point(string point) => Plan?.Pass(point);

    /// <summary>True when faults are armed; the program then says so on standard error.</summary>
    public static string? Armed => Plan?.ToString();
}
