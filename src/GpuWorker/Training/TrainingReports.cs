namespace ClusterBench.GpuWorker.Training;

/// <summary>What every member knows of an applied step.</summary>
/// <param name="Step">Steps applied, this one included.</param>
/// <param name="Epoch">Its epoch, from 1.</param>
/// <param name="Iteration">Its place in the epoch, from 1.</param>
/// <param name="LearningRate">The base rate that it was applied with; <c>paramwise_options</c> come on top.</param>
/// <param name="Loss">Mean of the virtual ranks' means.</param>
/// <param name="Images">Images of the step over all virtual ranks.</param>
/// <param name="Top1">Percentage of them whose label came first.</param>
/// <param name="Top5">Percentage of them whose label came among the first five.</param>
/// <param name="Time">Wall time; in a logged line the mean over the steps since the line before.</param>
/// <param name="DataTime">The part of it that was spent waiting for images.</param>
public sealed record StepReport(
    long Step, int Epoch, int Iteration, double LearningRate, double Loss, int Images, double Top1, double Top5, TimeSpan Time, TimeSpan DataTime)
{
    public double ImagesPerSecond => Images / Time.TotalSeconds;

    /// <summary>Share of the time that was spent waiting for images, 0 to 1.</summary>
    public double DataShare => DataTime / Time;
}

/// <summary>The validation list's images by whether their label came first and among the first five.</summary>
/// <param name="Images">All images of the list, each counted once.</param>
public sealed record EvaluationResult(int Images, int Top1Images, int Top5Images, TimeSpan Time)
{
    /// <summary>Percentage.</summary>
    public double Top1 => 100.0 * Top1Images / Images;

    /// <summary>Percentage.</summary>
    public double Top5 => 100.0 * Top5Images / Images;
}

/// <summary>
/// Told of what happens at step boundaries, on the thread that trains: the state is whole during the call and changes only after it.
/// </summary>
public interface ITrainingObserver
{
    /// <summary>After every applied step.</summary>
    void StepApplied(StepReport report)
    {
    }

    /// <summary>After every <c>log_config.interval</c> steps, with times that are means over them.</summary>
    void StepLogged(StepReport report)
    {
    }

    /// <summary>After an epoch and its evaluation, once for each; said again when a run goes on that did not get to know of it.</summary>
    /// <param name="epochs">Epochs completed.</param>
    /// <param name="evaluation">Null where the interval leaves it out.</param>
    void EpochEnded(int epochs, EvaluationResult? evaluation)
    {
    }
}

/// <summary>Why <see cref="Trainer.Run"/> returned.</summary>
public enum TrainingEnd
{
    /// <summary>All epochs are done and reported.</summary>
    Completed,

    /// <summary>A member was asked to stop: all of them ended after the same step.</summary>
    Stopped,
}
