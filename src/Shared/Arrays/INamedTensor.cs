namespace ClusterBench.Arrays;

/// <summary>A tensor of a checkpoint under the name it has there: what weights are loaded from, whatever file they come from.</summary>
public interface INamedTensor
{
    /// <summary>The name in the network's own terms, e.g. <c>layer1.0.conv1.weight</c>: prefixes of the file are gone.</summary>
    string Name { get; }

    /// <summary>The type of its elements as PyTorch names it: <c>float32</c>, <c>float16</c>, <c>bfloat16</c>, <c>float64</c>, <c>int64</c>, ...</summary>
    string DType { get; }

    /// <summary>Empty for a single number.</summary>
    IReadOnlyList<long> Shape { get; }

    /// <summary>All elements in row-major order, rounded to float32 where they are wider.</summary>
    /// <param name="destination">As long as the tensor has elements.</param>
    void CopyToFloat32(Span<float> destination);

    /// <summary>All elements of an integer tensor in row-major order.</summary>
    /// <param name="destination">As long as the tensor has elements.</param>
    void CopyToInt64(Span<long> destination);
}
