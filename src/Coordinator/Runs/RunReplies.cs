using ClusterBench.Protocol;

namespace ClusterBench.Coordinator.Runs;

/// <summary>Answers to commands; the status is HTTP's.</summary>
internal static class RunReplies
{
    public static CommandReply Accepted => new() { Accepted = true, Status = 202 };

    public static CommandReply Refuse(int status, string error) => new() { Accepted = false, Status = status, Error = error };

    public static CommandReply Unknown(string run) => Refuse(404, $"there is no run {run}; `clusterbench runs` lists them.");
}
