namespace ClusterBench.Checkpoints.Pickling;

/// <summary>
/// How much a pickle may ask for. Checkpoints of the largest published networks stay a hundred times below; each limit bounds memory
/// or time for a file that means harm.
/// </summary>
internal static class PickleLimits
{
    /// <summary>Bytes of one pickle (the data of the tensors stand outside of it).</summary>
    public const int Bytes = 128 << 20;

    /// <summary>Values on the stack at one time.</summary>
    public const int Stack = 4 << 20;

    /// <summary>Marks open at one time: how deep opcodes can nest.</summary>
    public const int Marks = 100_000;

    /// <summary>Entries of the memo.</summary>
    public const int Memo = 4 << 20;

    /// <summary>Objects, numbers and copied items made in all.</summary>
    public const int Objects = 8 << 20;

    /// <summary>Digits or bytes of one whole number: turning more into a number takes time that grows with its square.</summary>
    public const int NumberLength = 4300;

    /// <summary>Dimensions of a tensor, as in PyTorch.</summary>
    public const int Dimensions = 64;
}
