using ClusterBench.Files;

namespace ClusterBench.Checkpoints;

/// <summary>The verb extract-backbone: the backbone of a checkpoint as a file of its own.</summary>
public static class BackboneExtractor
{
    /// <summary>
    /// Writes <c>{state_dict, meta}</c>: contiguous tensors of the types they were saved in, and in <c>meta</c> the source's name and SHA-256, its
    /// layout and, if known, its epoch.
    /// </summary>
    /// <exception cref="CheckpointException">The checkpoint cannot be read or holds no backbone.</exception>
    /// <exception cref="UserErrorException">A file cannot be opened or written.</exception>
    public static ExtractionReport Extract(string checkpoint, string modelFile)
    {
        if (Path.GetFullPath(checkpoint) == Path.GetFullPath(modelFile))
        {
            throw new UserErrorException($"{modelFile} is the checkpoint itself. Give the model file another name.");
        }
        using Checkpoint source = Checkpoint.Open(checkpoint);
        BackboneTensors backbone = BackboneTensors.Find(source);
        string sha256 = FileHash.Sha256(checkpoint);
        var weights = new OrderedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (BackboneTensor tensor in backbone.Kept)
        {
            weights.Add(tensor.Name, tensor.Tensor);
        }
        var meta = new OrderedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["source"] = Path.GetFileName(checkpoint),
            ["source_sha256"] = sha256,
            ["layout"] = backbone.Layout,
        };
        if (Epoch(source.Root) is { } epoch)
        {
            meta["epoch"] = epoch;
        }
        CheckpointWriter.Write(modelFile, new OrderedDictionary<string, object?>(StringComparer.Ordinal) { ["state_dict"] = weights, ["meta"] = meta });
        return new ExtractionReport(checkpoint, sha256, modelFile, backbone);
    }

    private static long? Epoch(object? root)
    {
        var top = root as OrderedDictionary<object, object?>;
        var meta = top?.GetValueOrDefault("meta") as OrderedDictionary<object, object?>;
        return meta?.GetValueOrDefault("epoch") as long? ?? top?.GetValueOrDefault("epoch") as long?;
    }
}
