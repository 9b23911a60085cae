namespace ClusterBench.GpuWorker.Images;

/// <summary>An image file that cannot be used: names the file, says why, and what to do.</summary>
/// <param name="path">The file as it was asked for.</param>
/// <param name="reason">A clause that follows "cannot be read: ", without a full stop.</param>
/// <param name="remedy">One sentence for the person who has to act.</param>
public sealed class ImageException(string path, string reason, string remedy = ImageException.Replace, Exception? inner = null)
    : UserErrorException($"Image {path} cannot be read: {reason}. {remedy}", exitCode: 1, inner)
{
    /// <summary>The remedy for a file whose content is damaged.</summary>
    public const string Replace = "Copy the file again from its source, or take it out of the list.";

    /// <summary>The remedy for a file of a kind that is not read.</summary>
    public const string Convert = "Convert it to an 8-bit JPEG or PNG, or take it out of the list.";

    public string Path { get; } = path;

    public string Reason { get; } = reason;
}
