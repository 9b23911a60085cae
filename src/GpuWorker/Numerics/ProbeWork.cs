using System.Runtime.InteropServices;
using ClusterBench.GpuWorker.Devices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ClusterBench.GpuWorker.Numerics;

/// <summary>
/// The fixed work whose bits say how a machine computes: everything that training and evaluation are made of, with bare tensor
/// operations on numbers made by formula. Changing any of it changes every digest and so empties every feature store.
/// </summary>
internal sealed class ProbeWork(ComputeDevice device)
{
    private const int Images = 16, Side = 56, Classes = 10;
    private const double Rate = 1e-3, Decay = 0.05, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    private static readonly (int In, int Out, int Kernel, int Stride)[] Convolutions = [(3, 64, 7, 2), (64, 128, 3, 2), (128, 256, 1, 1)];

    /// <summary>Hands every result to <paramref name="add"/>, in a fixed order.</summary>
    public void Run(Action<ReadOnlySpan<byte>> add)
    {
        using var scope = NewDisposeScope();
        Network(add);
        Products(add);
        Functions(add);
    }

    private void Network(Action<ReadOnlySpan<byte>> add)
    {
        var kernels = Convolutions.Select((shape, i) => Leaf(i, 0.1, shape.Out, shape.In, shape.Kernel, shape.Kernel)).ToArray();
        var (weight, bias) = (Leaf(10, 0.2, 128), Leaf(11, 0.1, 128));
        var (mean, variance) = (device.Put(zeros(128)), device.Put(ones(128)));
        var (head, offset) = (Leaf(12, 0.1, Classes, 256), Leaf(13, 0.1, Classes));
        var x = Values(20, 2, Images, 3, Side, Side).ChannelsLast();
        x = functional.conv2d(x, kernels[0], null, [2, 2], [3, 3]).relu();
        // Its backward adds by atomics on a GPU, in no fixed order: there the gradient ends here.
        if (device.Gpu is not null)
            x = x.detach();
        x = functional.max_pool2d(x, [3, 3], [2, 2], [1, 1]);
        x = functional.conv2d(x, kernels[1], null, [2, 2], [1, 1]);
        x = functional.batch_norm(x, mean, variance, weight, bias, training: true).relu();
        x = functional.conv2d(x, kernels[2], null, [1, 1], [0, 0]);
        var logits = functional.linear(x.mean([2, 3]), head, offset);
        var labels = empty(Images, ScalarType.Int64);
        for (var i = 0; i < Images; i++)
            labels.Longs()[i] = i % Classes;
        var loss = functional.cross_entropy(logits, device.Put(labels));
        loss.backward();
        foreach (var result in (Tensor[])[logits.detach(), loss.detach(), mean, variance])
            Add(add, result);
        foreach (var parameter in (Tensor[])[.. kernels, weight, bias, head, offset])
        {
            if (parameter.grad is null)
                continue;
            Add(add, parameter.grad);
            AdamW(parameter, add);
        }
    }

    /// <summary>The first step of AdamW (Loshchilov and Hutter 2019) in the order of operations of PyTorch.</summary>
    private void AdamW(Tensor parameter, Action<ReadOnlySpan<byte>> add)
    {
        using var off = no_grad();
        var (value, gradient) = (parameter.detach(), parameter.grad!);
        value.mul_(Shrink);
        var first = gradient.mul(FirstShare);
        var denominator = gradient.mul(gradient).mul_(SecondShare).sqrt_().div_(SecondCorrection).add_(Tiny, Numbers.One);
        Add(add, value.addcdiv_(first, denominator, Step));
    }

    private void Products(Action<ReadOnlySpan<byte>> add)
    {
        using var off = no_grad();
        var (queries, bank) = (Values(30, 1, 64, 512), Values(31, 1, 512, 512));
        var similarities = queries.mm(bank.t());
        foreach (var result in (Tensor[])[similarities, similarities.sum(), similarities.softmax(1), queries.mul(queries).sum([1])])
            Add(add, result);
    }

    private static void Functions(Action<ReadOnlySpan<byte>> add)
    {
        Span<double> results = stackalloc double[3 * 256];
        for (var i = 0; i < 256; i++)
        {
            var x = Unit(40, i);
            (results[3 * i], results[3 * i + 1], results[3 * i + 2]) = (Math.Cos(10 * x), Math.Pow(x, 0.9), Math.Exp(x / 0.07));
        }
        add(MemoryMarshal.AsBytes(results));
    }

    private static readonly TorchSharp.Scalar Shrink = Numbers.Hold(1 - Rate * Decay), FirstShare = Numbers.Hold(1 - Beta1), SecondShare = Numbers.Hold(1 - Beta2),
        SecondCorrection = Numbers.Hold(Math.Sqrt(1 - Beta2)), Tiny = Numbers.Hold(Epsilon), Step = Numbers.Hold(-Rate / (1 - Beta1));

    private void Add(Action<ReadOnlySpan<byte>> add, Tensor result)
    {
        using var here = device.Bring(result);
        add(MemoryMarshal.AsBytes(here.Floats()));
    }

    private Tensor Leaf(int stream, double scale, params long[] shape)
    {
        var tensor = Values(stream, scale, shape);
        tensor.requires_grad = true;
        return tensor;
    }

    /// <summary>Numbers in [-scale, scale).</summary>
    private Tensor Values(int stream, double scale, params long[] shape)
    {
        var tensor = empty(shape, ScalarType.Float32);
        var values = tensor.Floats();
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)((2 * Unit(stream, i) - 1) * scale);
        return device.Put(tensor);
    }

    /// <summary>A number in [0, 1): SplitMix64 (Steele, Lea and Flood 2014) of stream and index.</summary>
    private static double Unit(int stream, int index)
    {
        var z = unchecked(((ulong)stream << 32) + (ulong)index + 0x9E3779B97F4A7C15);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
        return ((z ^ (z >> 31)) >> 11) / (double)(1L << 53);
    }
}
