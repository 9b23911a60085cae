using System.Globalization;

namespace ClusterBench.GpuWorker.Training;

/// <summary>A loss that is NaN or infinite: nothing that follows would be a result. The state is still that of the step before.</summary>
/// <param name="step">Steps applied before it.</param>
public sealed class NonFiniteLossException(long step, int epoch, int iteration, int rank, double loss) : UserErrorException(
    string.Create(CultureInfo.InvariantCulture,
        $"The loss of step {step + 1} (epoch {epoch + 1}, iteration {iteration + 1}) is {loss} on virtual rank {rank}: training has diverged, and the run stops. " +
        $"The weights after step {step} are finite and unchanged. A smaller optimizer.lr, a warm-up (lr_config.warmup) or a check of the checkpoint's weights may help."),
    exitCode: 1)
{
    /// <summary>Steps applied before it.</summary>
    public long Step { get; } = step;
}
