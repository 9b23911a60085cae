using ClusterBench.Configs;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Training;

/// <summary>
/// Stochastic gradient descent with torch.optim.SGD's formulas and order of operations, on the flat tensor of all parameters: three
/// or four passes over each group, however many tensors it has. It allocates nothing that lives longer than a step.
/// </summary>
public sealed class FlatSgd : IDisposable
{
    private readonly Group[] _groups;
    private readonly long _length;

    /// <param name="parameters">The flat weights, which it changes in place; they must outlive it.</param>
    /// <param name="groups">Options by place in <paramref name="parameters"/>.</param>
    /// <exception cref="UserErrorException">Nesterov's momentum without momentum or with dampening.</exception>
    public FlatSgd(Tensor parameters, ParameterGroups groups, OptimizerConfig config)
    {
        if (config.Nesterov && (config.Momentum <= 0 || config.Dampening != 0))
            throw new UserErrorException("optimizer.nesterov: Nesterov's momentum needs a momentum above 0 and no dampening.");
        using var scope = NewDisposeScope();
        _length = parameters.numel();
        Momentum = zeros_like(parameters, requires_grad: false).DetachFromDisposeScope();
        _groups = [.. groups.Groups.Select(group => new Group(parameters, Momentum, group, config))];
    }

    /// <summary>
    /// The momentum buffer of every parameter, flat and in the places of the parameters: with <see cref="Started"/> the whole state
    /// of the optimizer. It may be written between steps. Padding, frozen parameters and groups without momentum hold 0.
    /// </summary>
    public Tensor Momentum { get; }

    /// <summary>Whether a step was done: the first one makes the gradient itself the momentum, without dampening.</summary>
    public bool Started { get; set; }

    /// <summary>Applies one step.</summary>
    /// <param name="gradient">The reduced gradient in the places of the parameters, padding 0. It is used up: the step computes in it.</param>
    /// <param name="rate">The learning rate of this step from a group's base rate, <see cref="LearningRateSchedule.RateAt"/>.</param>
    public void Step(Tensor gradient, Func<double, double> rate)
    {
        if (gradient.numel() != _length)
            throw new ArgumentException($"the gradient has {gradient.numel()} elements, the parameters {_length}", nameof(gradient));
        using var scope = NewDisposeScope();
        using var off = no_grad();
        foreach (var group in _groups)
            group.Step(gradient, rate, Started);
        Started = true;
    }

    public void Dispose()
    {
        foreach (var group in _groups)
            group.Dispose();
        Momentum.Dispose();
    }

    private sealed class Group : IDisposable
    {
        private readonly ParameterGroup _place;
        private readonly Tensor _weights, _momentum;
        private readonly Tensor? _decays;
        // All numbers are held in fields: see Numbers.
        private readonly Scalar? _decay, _momentumFactor;
        private readonly Scalar _share;
        private readonly bool _nesterov;
        private Scalar _descent = Numbers.Hold(0);
        private double _rate;

        public Group(Tensor parameters, Tensor momentum, ParameterGroup place, OptimizerConfig config)
        {
            using var off = no_grad();
            (_place, _nesterov, _share) = (place, config.Nesterov, Numbers.Hold(1 - config.Dampening));
            _weights = Slice(parameters.detach()).DetachFromDisposeScope();
            _momentum = Slice(momentum).DetachFromDisposeScope();
            if (place.Momentum != 0)
                _momentumFactor = Numbers.Hold(place.Momentum);
            if (place.WeightDecay.Count > 1)
                _decays = Decays().DetachFromDisposeScope();
            else if (place.WeightDecay[0].Value != 0)
                _decay = Numbers.Hold(place.WeightDecay[0].Value);
        }

        public void Step(Tensor gradient, Func<double, double> rate, bool started)
        {
            var slope = Slice(gradient);
            if (_decays is not null)
                slope.addcmul_(_weights, _decays, Numbers.One);
            else if (_decay is not null)
                slope.add_(_weights, _decay);
            if (_momentumFactor is not null)
            {
                if (started)
                    _momentum.mul_(_momentumFactor).add_(slope, _share);
                else
                    _momentum.copy_(slope);
                slope = _nesterov ? slope.add_(_momentum, _momentumFactor) : _momentum;
            }
            _weights.add_(slope, Descent(rate(_place.LearningRate)));
        }

        private Tensor Slice(Tensor flat) => flat.narrow(0, _place.Start, _place.Length);

        /// <summary>The weight decay of every element.</summary>
        private Tensor Decays()
        {
            var decays = zeros_like(_weights);
            foreach (var run in _place.WeightDecay)
            {
                using var value = Numbers.Hold(run.Value);
                decays.narrow(0, run.Start - _place.Start, run.Length).fill_(value);
            }
            return decays;
        }

        private Scalar Descent(double rate)
        {
            if (rate.Equals(_rate))
                return _descent;
            _descent.Dispose();
            (_descent, _rate) = (Numbers.Hold(-rate), rate);
            return _descent;
        }

        public void Dispose()
        {
            _weights.Dispose();
            _momentum.Dispose();
            _decays?.Dispose();
            _decay?.Dispose();
            _momentumFactor?.Dispose();
            _share.Dispose();
            _descent.Dispose();
        }
    }
}
