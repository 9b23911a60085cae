using ClusterBench.Files;

namespace ClusterBench.Checkpoints;

/// <summary>
/// A checkpoint that torch.save wrote, opened for reading. Opening executes nothing, checks every size and bound, and reads no tensor
/// data; a tensor's data come from the mapped file when they are copied out, and are checked against their CRC-32 then.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private readonly MappedFile _file;

    private Checkpoint(MappedFile file, object? root, IReadOnlyList<TensorEntry> tensors) => (_file, Root, Tensors) = (file, root, tensors);

    public string Path => _file.Path;

    /// <summary>
    /// The object that was saved: dictionaries are <see cref="OrderedDictionary{TKey, TValue}"/> of object keys in the file's order, lists
    /// <c>List&lt;object?&gt;</c>, tuples <c>object?[]</c>, whole numbers <see cref="long"/> or BigInteger, texts, Booleans, bytes and null as in C#,
    /// tensors <see cref="CheckpointTensor"/>; rarer objects are described by the types of <c>Pickling</c>. It may contain itself.
    /// </summary>
    public object? Root { get; }

    /// <summary>All tensors, in the file's order; one under each name that its innermost dictionary or list gives it.</summary>
    public IReadOnlyList<TensorEntry> Tensors { get; }

    /// <exception cref="CheckpointException">It is no checkpoint, damaged, or asks for something that is refused.</exception>
    /// <exception cref="UserErrorException">It cannot be opened.</exception>
    public static Checkpoint Open(string path)
    {
        var refuse = new Refusals(path);
        var file = new MappedFile(path);
        try
        {
            object? root = FileKind.ReadRoot(file, refuse);
            List<TensorEntry> tensors = TensorWalk.Find(root);
            return tensors.Count > 0 ? new Checkpoint(file, root, tensors) : throw refuse.Because(CheckpointFault.NoWeights, "it is sound and holds no tensor");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads the data of every tensor once, to be sure of them.</summary>
    /// <exception cref="CheckpointException">Some are damaged.</exception>
    public void Verify()
    {
        foreach (TensorEntry entry in Tensors)
        {
            _ = entry.Tensor.Storage.Bytes;
        }
    }

    public void Dispose() => _file.Dispose();
}
