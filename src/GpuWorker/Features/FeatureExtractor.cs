using System.Globalization;
using System.Runtime.ExceptionServices;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.GpuWorker.Features;

/// <summary>How features are extracted. Tokens change no bits; everything else does.</summary>
/// <param name="Features">Names, e.g. <c>feat5</c>.</param>
/// <param name="Pool">How maps become vectors: <c>gap</c>.</param>
/// <param name="BatchSize">Images per forward pass; every batch has that many.</param>
/// <param name="Threads">Intra-op threads of one forward pass.</param>
/// <param name="Tokens">Forward passes at once: the worker's share of the cores divided by <paramref name="Threads"/>, at least 1.</param>
public sealed record ExtractionSettings(IReadOnlyList<string> Features, string Pool, int BatchSize, int Threads, int Tokens);

/// <summary>Computes feature vectors of images with a backbone in evaluation mode, several batches at once.</summary>
public sealed class FeatureExtractor : IDisposable
{
    private static readonly long[] Positions = [2, 3];

    private readonly ResNet _network;
    private readonly BackboneConfig _config;
    private readonly ExtractionSettings _settings;
    private readonly ComputeDevice _device;
    private readonly ComputeTokens _tokens;
    private readonly FirstShapeGuard _guard;
    private readonly int _deepest;

    /// <summary>Folds the network; the weights are read here only and may be disposed of afterwards.</summary>
    /// <param name="config">The network.</param>
    /// <param name="weights">In the processor's memory.</param>
    /// <param name="settings">What is extracted, and how.</param>
    /// <param name="device">What computes; null: the processor. A GPU has one token.</param>
    /// <exception cref="UserErrorException">The network, a feature or the pooling is unknown, or the GPU's memory is too small.</exception>
    public FeatureExtractor(BackboneConfig config, ModelWeights weights, ExtractionSettings settings, ComputeDevice? device = null)
    {
        NativeSetup.Initialize();
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.BatchSize, 1, nameof(settings));
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Threads, 1, nameof(settings));
        _device = device ?? ComputeDevice.Cpu;
        (_config, _settings) = (config, settings with { Tokens = _device.Tokens(settings.Tokens) });
        Columns = FeatureNames.Resolve(config, settings.Features, settings.Pool);
        _deepest = Columns.Max(column => column.Index);
        _tokens = new ComputeTokens(_settings.Tokens);
        _guard = new FirstShapeGuard(_tokens);
        using var scope = NewDisposeScope();
        using var replica = new ModelReplica(weights);
        using var plain = new ResNet(replica, config);
        _network = _device.Run($"the weights of {config.Type}-{config.Depth}", "a smaller backbone", () => plain.Fold(_deepest, _device));
    }

    /// <summary>The features, in the order of the settings.</summary>
    public IReadOnlyList<FeatureColumn> Columns { get; }

    /// <summary>
    /// Computes all batches and writes each feature's rows to its destination. Batches are taken one at a time, by any of the
    /// extractor's threads; every one that was taken is released, also after an error.
    /// </summary>
    /// <param name="batches">Read under a lock, so a source that waits for its next batch is fine.</param>
    /// <param name="destinations">One per column: rows x width floats, row-major.</param>
    /// <exception cref="UnreliableKernelException">The first batch, computed twice, gave two results.</exception>
    public void Extract(IEnumerable<ImageBatch> batches, IReadOnlyList<Memory<float>> destinations, CancellationToken cancellation = default)
    {
        if (destinations.Count != Columns.Count)
            throw new ArgumentException($"{Columns.Count} features need as many destinations, not {destinations.Count}", nameof(destinations));
        using var source = batches.GetEnumerator();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var gate = new Lock();
        Exception? error = null;

        ImageBatch? Next()
        {
            lock (gate)
                return !stop.IsCancellationRequested && source.MoveNext() ? source.Current : null;
        }

        void Work()
        {
            try
            {
                // OpenMP's setting belongs to the thread: it is made on each, before its first operation.
                set_num_threads(_settings.Threads);
                using var mode = inference_mode();
                while (Next() is { } batch)
                    Store(batch, Compute(batch), destinations);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref error, e, null);
                stop.Cancel();
            }
        }

        Thread[] threads = [.. Enumerable.Range(0, _settings.Tokens).Select(i =>
            new Thread(Work) { IsBackground = true, Name = string.Create(CultureInfo.InvariantCulture, $"features-{i}") })];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        if (error is not null)
            ExceptionDispatchInfo.Throw(error);
        cancellation.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        _network.Dispose();
        _tokens.Dispose();
    }

    private float[][] Compute(ImageBatch batch)
    {
        using var scope = NewDisposeScope();
        var shape = string.Create(CultureInfo.InvariantCulture,
            $"{_config.Type}-{_config.Depth} up to feat{_deepest + 1}, {batch.Size} x {batch.Channels} x {batch.Height} x {batch.Width}, {_settings.Threads} threads");
        var what = string.Create(CultureInfo.InvariantCulture, $"a batch of {batch.Size} images of {batch.Channels} x {batch.Height} x {batch.Width}");
        return _device.Run(what, "a smaller data.imgs_per_gpu", () =>
        {
            var images = Read(batch);
            return _guard.Run(shape, () => Forward(images), Bits.Difference);
        });
    }

    private Tensor Read(ImageBatch batch)
    {
        try
        {
            if (batch.Size != _settings.BatchSize || batch.Valid > batch.Size || batch.Channels != _config.InChannels)
                throw new ArgumentException(
                    $"a batch of {batch.Valid} of {batch.Size} images of {batch.Channels} channels does not fit batches of {_settings.BatchSize} images of {_config.InChannels} channels", nameof(batch));
            using var planes = empty(batch.Size, batch.Channels, batch.Height, batch.Width, ScalarType.Float32);
            var values = planes.Floats();
            unsafe
            {
                new ReadOnlySpan<float>((void*)batch.Pixels, values.Length).CopyTo(values);
            }
            using var there = _device.Put(planes);
            return there.ChannelsLast();
        }
        finally
        {
            batch.Release?.Invoke();
        }
    }

    private float[][] Forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        var vectors = new float[Columns.Count][];
        _network.Forward(images, _deepest, (index, map) =>
        {
            for (var column = 0; column < Columns.Count; column++)
                if (Columns[column].Index == index)
                {
                    using var means = map.mean(Positions);
                    using var here = _device.Bring(means);
                    vectors[column] = here.Floats().ToArray();
                }
        });
        return vectors;
    }

    private void Store(ImageBatch batch, float[][] vectors, IReadOnlyList<Memory<float>> destinations)
    {
        for (var column = 0; column < Columns.Count; column++)
        {
            var width = Columns[column].Width;
            vectors[column].AsSpan(0, batch.Valid * width).CopyTo(destinations[column].Span.Slice(batch.FirstRow * width));
        }
    }
}
