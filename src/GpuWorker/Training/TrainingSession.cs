using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Training;

/// <summary>
/// What a worker holds of a training run as long as the run lives in this process, whatever gangs form and break meanwhile: plan,
/// data, state, and the proof that its kernels are right.
/// </summary>
public sealed class TrainingSession : IDisposable
{
    /// <param name="plan">The run.</param>
    /// <param name="data">Of the lengths that the plan was made for.</param>
    /// <param name="cores">The worker's share of the machine's cores; it changes no bits.</param>
    /// <exception cref="UserErrorException">The network or the optimizer cannot be as the config says.</exception>
    public TrainingSession(TrainingPlan plan, TrainingData data, int cores)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cores, 1);
        if (plan.Config.Device != "cpu")
            throw new UserErrorException($"Training runs on the processor so far; the run asks for {plan.Config.Device}. Take --device cpu.");
        if (data.Train.Files.Count != plan.TrainImages || data.Val.Files.Count != plan.ValImages)
            throw new ArgumentException("the lists are not those of the plan", nameof(data));
        NativeSetup.Initialize();
        (Plan, Data, Cores) = (plan, data, cores);
        Tokens = new ComputeTokens(Math.Max(1, cores / plan.Config.Threads));
        Guard = new FirstShapeGuard(Tokens);
        State = new TrainingState(plan);
    }

    public TrainingPlan Plan { get; }

    public TrainingData Data { get; }

    public TrainingState State { get; }

    internal int Cores { get; }

    internal ComputeTokens Tokens { get; }

    /// <summary>Kernels are made once in a process: what is proven stays so when the gang changes.</summary>
    internal FirstShapeGuard Guard { get; }

    public void Dispose()
    {
        State.Dispose();
        Tokens.Dispose();
    }
}
