namespace ClusterBench.GpuWorker.Features;

/// <summary>
/// A batch of preprocessed images in native memory: float32, <see cref="Size"/> x channels x height x width, row-major. A short last
/// batch is padded to the full size, since a row's last bits depend on the size of its batch.
/// </summary>
/// <param name="FirstRow">Row of the first image in the destination.</param>
/// <param name="Valid">Images that count; the rows after them are padding.</param>
/// <param name="Size">Images in memory, padding included.</param>
/// <param name="Pixels">Address of the first value; read until <paramref name="Release"/> is called.</param>
/// <param name="Release">Called once by the extractor, on any thread, when the pixels have been read.</param>
public sealed record ImageBatch(int FirstRow, int Valid, int Size, int Channels, int Height, int Width, nint Pixels, Action? Release = null);
