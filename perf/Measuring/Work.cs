namespace ClusterBench.Perf.Measuring;

/// <summary>What a contestant has to do; peer.py reads the same names.</summary>
/// <param name="Kind"><c>extract</c>, <c>knn</c> or <c>allreduce</c>.</param>
/// <param name="Folder">Where the inputs lie and the output goes.</param>
/// <param name="Output">Name of the file that receives the first repetition's numbers, float32, for the comparison.</param>
internal sealed record Work(string Kind, string Folder, string Output)
{
    /// <summary>Threads of one forward pass or product.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Passes at once; the peer knows only one.</summary>
    public int Tokens { get; init; } = 1;

    public int Batch { get; init; }
    public int Batches { get; init; }

    /// <summary>Height and width of an image as the network gets it.</summary>
    public int Size { get; init; }

    /// <summary>Decode the folder's JPEG files instead of taking tensors from memory.</summary>
    public bool Files { get; init; }

    /// <summary>The peer's network and input in the channels-last layout (ours always is).</summary>
    public bool ChannelsLast { get; init; }

    public int Bank { get; init; }
    public int Queries { get; init; }
    public int Width { get; init; }
    public int Classes { get; init; }

    /// <summary>Processes that reduce a bucket; the contestant is rank 0 and starts the others.</summary>
    public int Members { get; init; }
    public int Rank { get; init; }

    /// <summary>Floats of the bucket.</summary>
    public int Floats { get; init; }
}
