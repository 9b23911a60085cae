namespace ClusterBench.Checkpoints;

/// <summary>Why a checkpoint is refused.</summary>
public enum CheckpointFault
{
    Empty,
    NotPyTorch,
    TorchScript,
    WholeModule,
    NoWeights,
    Truncated,
    DamagedData,
    DamagedPickle,
    UnsafePickle,
    MissingData,
    StorageTooShort,
    OutOfBounds,
    TooLarge,
    Inconsistent,
    Ambiguous,
    Unsupported,
    NoBackbone,
}

/// <summary>A checkpoint file that cannot be used; the message names the file, the reason and what to do.</summary>
public sealed class CheckpointException : UserErrorException
{
    public CheckpointException(string file, CheckpointFault fault, string what, string? remedy = null)
        : base($"{file} cannot be used ({Name(fault)}): {what}. {remedy ?? Remedy(fault)}")
    {
        File = file;
        Fault = fault;
    }

    /// <summary>Path of the file as the caller gave it.</summary>
    public string File { get; }

    public CheckpointFault Fault { get; }

    private static string Name(CheckpointFault fault) => fault switch
    {
        CheckpointFault.NotPyTorch => "not a PyTorch file",
        CheckpointFault.TorchScript => "TorchScript",
        _ => string.Concat(fault.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $" {char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}")),
    };

    private static string Remedy(CheckpointFault fault) => fault switch
    {
        CheckpointFault.Empty or CheckpointFault.Truncated or CheckpointFault.DamagedData or CheckpointFault.MissingData or CheckpointFault.StorageTooShort =>
            "Copy or download the file again and compare its size or checksum with the original",
        CheckpointFault.NotPyTorch => "Give a file that torch.save wrote",
        CheckpointFault.TorchScript => "Load it with torch.jit.load in PyTorch and save its state_dict() with torch.save",
        CheckpointFault.WholeModule => "Load it in PyTorch where its classes are installed and save model.state_dict() with torch.save",
        CheckpointFault.UnsafePickle => "Nothing of it was executed. If you trust the file, load it in PyTorch and save only its state_dict() with torch.save",
        CheckpointFault.NoWeights => "Give the file that holds the network's weights",
        CheckpointFault.Unsupported => "Load it in PyTorch, convert its tensors to ordinary ones and save the state_dict() with torch.save",
        CheckpointFault.NoBackbone => "docs/checkpoints.md lists the layouts that are read",
        _ => "The file is damaged or was made to do harm: get it again from a source you trust",
    } + ".";
}
