using System.Runtime.InteropServices;
using ClusterBench.Checkpoints;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Data;
using ClusterBench.GpuWorker.Features;
using ClusterBench.GpuWorker.Images;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Tasks;
using ClusterBench.Perf.Inputs;
using ClusterBench.Perf.Measuring;

namespace ClusterBench.Perf.Subjects;

/// <summary>The worker's own extraction: feat5 of a ResNet-50, averaged over positions, from memory or from JPEG files.</summary>
internal sealed unsafe class ExtractSubject : ISubject
{
    private readonly Work _work;
    private readonly FeatureExtractor _extractor;
    private readonly float* _input;
    private readonly string[] _files;
    private readonly ImagePipeline _pipeline = ImagePipeline.Compile(ExtractInputs.Transforms);
    private readonly float[] _features;

    public ExtractSubject(Work work)
    {
        _work = work;
        var path = Path.Combine(work.Folder, ExtractInputs.Weights);
        using (var checkpoint = Checkpoint.Open(path))
        using (var weights = ModelWeights.For(ExtractInputs.Network))
        {
            WeightLoader.Load(weights, BackboneTensors.Find(checkpoint).Kept.Select(t => new CheckpointWeight(t)), path, allowPartial: false);
            _extractor = new FeatureExtractor(
                ExtractInputs.Network, weights, new ExtractionSettings(["feat5"], FeatureNames.GlobalAverage, work.Batch, work.Threads, work.Tokens));
        }
        var bytes = File.ReadAllBytes(Path.Combine(work.Folder, ExtractInputs.Images));
        _input = (float*)NativeMemory.AlignedAlloc((nuint)bytes.Length, 64);
        bytes.CopyTo(new Span<byte>(_input, bytes.Length));
        _files = [.. Directory.EnumerateFiles(work.Folder, "*.jpg").Order(StringComparer.Ordinal)];
        _features = new float[(long)(work.Files ? _files.Length : work.Batch * work.Batches) * _extractor.Columns[0].Width];
    }

    public long Repeat()
    {
        if (!_work.Files)
        {
            _extractor.Extract(FromMemory(), [_features]);
            return _work.Batch * _work.Batches;
        }
        // As ExtractShard does it: as many decoding threads as cores, no more batches out at once than the reader can spare.
        using var reader = new ImageBatchReader(_files, _pipeline, _work.Batch, 0, _files.Length, Environment.ProcessorCount);
        using var free = new SemaphoreSlim(reader.Slots - 1);
        _extractor.Extract(FromFiles(reader, free), [_features]);
        return _files.Length;
    }

    public byte[] Output() => MemoryMarshal.AsBytes(_features.AsSpan()).ToArray();

    public void Dispose()
    {
        _extractor.Dispose();
        NativeMemory.AlignedFree(_input);
    }

    private IEnumerable<GpuWorker.Features.ImageBatch> FromMemory() => Enumerable.Range(0, _work.Batches).Select(i =>
        new GpuWorker.Features.ImageBatch(i * _work.Batch, _work.Batch, _work.Batch, 3, _work.Size, _work.Size, Address()));

    private nint Address() => (nint)_input;

    private static IEnumerable<GpuWorker.Features.ImageBatch> FromFiles(ImageBatchReader reader, SemaphoreSlim free)
    {
        while (true)
        {
            free.Wait();
            if (reader.Read() is not { } batch)
                yield break;
            yield return new GpuWorker.Features.ImageBatch(
                batch.FirstSample, batch.Count, reader.BatchSize, 3, reader.Size.Height, reader.Size.Width, batch.Data, () =>
                {
                    batch.Dispose();
                    free.Release();
                });
        }
    }
}
