using System.Buffers;
using ClusterBench.Configs;

namespace ClusterBench.GpuWorker.Images;

/// <summary>
/// The compiled transforms of a data set: a decoded picture to normalised floats, channels first. Immutable and safe for any
/// number of threads; what a picture needs for a moment comes from the array pool.
/// </summary>
public sealed class ImagePipeline
{
    private readonly PixelStage[] _stages;
    private readonly ChannelTables _tables;

    private ImagePipeline(PixelStage[] stages, ChannelTables tables)
    {
        (_stages, _tables) = (stages, tables);
        IsRandom = stages.Any(stage => stage.IsRandom);
    }

    /// <summary>The size of every output if it does not depend on the picture (a CenterCrop or a Resize to both sides), else null.</summary>
    public ImageSize? FixedOutputSize => Fold(null);

    /// <summary>Whether it has random steps: then every picture needs a <see cref="SampleKey"/>.</summary>
    public bool IsRandom { get; }

    /// <summary>
    /// Compiles steps on pixels (Pad, Resize, CenterCrop, RandomCrop, RandomResizedCrop, RandomHorizontalFlip in any order and number),
    /// then one ToTensor, then any number of Normalize.
    /// </summary>
    /// <exception cref="UserErrorException">Names the step that cannot be: its place, its value, or an unknown interpolation.</exception>
    public static ImagePipeline Compile(IReadOnlyList<TransformConfig> steps)
    {
        PipelineRules.Check(steps);
        var stages = new List<PixelStage>();
        foreach (var (position, step) in steps.Index())
        {
            if (PipelineRules.Stage(step, position) is not { } stage) continue;
            if (stage is WindowStage window && stages.LastOrDefault() is ResizeStage { IsCropped: false } resize)
                stages[^1] = resize.Cropped(window);
            else
                stages.Add(stage);
        }
        return new ImagePipeline([.. stages], new ChannelTables(steps.OfType<NormalizeConfig>()));
    }

    /// <summary>The size that a picture of this size comes to.</summary>
    /// <exception cref="UserErrorException">
    /// It would be larger than <see cref="ImageDecoder.MaxPixels"/>, or the picture is too small for a random crop.
    /// </exception>
    public ImageSize OutputSize(int width, int height) => Fold(new ImageSize(width, height))!.Value;

    /// <summary>Transforms one picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="chw">Receives <c>[3, height, width]</c> of <see cref="OutputSize"/>, exactly that many floats.</param>
    /// <param name="sample">Whose random numbers the random steps draw; without them it changes nothing.</param>
    /// <exception cref="InvalidOperationException">The pipeline is random and no sample was given.</exception>
    public void Run(in RgbImage image, Span<float> chw, SampleKey? sample = null)
    {
        if (sample is null && IsRandom)
            throw new InvalidOperationException("This image pipeline has random steps: it transforms a picture only for a seed, an epoch and a sample.");
        var size = OutputSize(image.Width, image.Height);
        if (chw.Length != 3L * size.Pixels)
            throw new ArgumentException($"{size} pixels give {3L * size.Pixels} floats; the target has {chw.Length}.", nameof(chw));
        Run(_stages, image, chw, sample);
    }

    private void Run(ReadOnlySpan<PixelStage> stages, in RgbImage image, Span<float> chw, SampleKey? sample)
    {
        if (stages.IsEmpty)
        {
            _tables.Apply(image.Pixels, chw);
            return;
        }
        var size = stages[0].Output(image.Size)!.Value;
        var buffer = ArrayPool<byte>.Shared.Rent(3 * size.Pixels);
        var pixels = buffer.AsSpan(0, 3 * size.Pixels);
        stages[0].Run(image, pixels, sample);
        Run(stages[1..], new RgbImage(size.Width, size.Height, pixels), chw, sample);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private ImageSize? Fold(ImageSize? size)
    {
        foreach (var stage in _stages)
        {
            size = stage.Output(size);
            if (size is { } known && (long)known.Width * known.Height > ImageDecoder.MaxPixels)
                throw new UserErrorException($"The pipeline makes a picture of {known} pixels of it, more than {ImageDecoder.MaxPixels}; use smaller sizes.");
        }
        return size;
    }
}
