using System.Runtime.InteropServices;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Data;
using ClusterBench.GpuWorker.Images;

namespace ClusterBench.Tests.Data;

public sealed class ImageBatchReaderTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly ImagePipeline Fixed = ImagePipeline.Compile(
        [new ResizeConfig(18, null, "bilinear"), new CenterCropConfig(16, 12), new ToTensorConfig(), new NormalizeConfig([0.5, 0.4, 0.3], [0.2, 0.2, 0.3])]);

    private static readonly ImagePipeline AsItIs = ImagePipeline.Compile([new ToTensorConfig()]);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Any_number_of_threads_gives_the_batches_in_order_and_the_same_bytes(int threads)
    {
        using var folder = ImageFolder.Of(41);
        using var reader = new ImageBatchReader(folder.Files, Fixed, batchSize: 4, start: 3, end: 40, threads);
        var floats = new List<float>();
        for (var index = 0; reader.Read() is { } batch; index++)
        {
            using (batch)
            {
                Assert.Equal((index, 3 + 4 * index, index < 9 ? 4 : 1), (batch.Index, batch.FirstSample, batch.Count));
                Assert.Equal(0, batch.Data % 64);
                floats.AddRange(batch.Floats);
            }
        }

        Assert.Equal(new ImageSize(12, 16), reader.Size);
        Assert.Equal(10, reader.Batches);
        Assert.Equal(37, reader.DecodedImages);
        // The last batch holds one image and three of zeros.
        Assert.Equal([.. folder.Expected(Fixed, 3, 40), .. new float[3 * 3 * 12 * 16]], floats);
        Assert.Null(reader.Read());
        reader.Dispose();
        Assert.Equal(0, reader.LiveThreads);
    }

    [Fact]
    public void A_consumer_that_holds_and_returns_batches_late_sees_nothing_overwritten()
    {
        using var folder = ImageFolder.Of(30);
        using var reader = new ImageBatchReader(folder.Files, AsItIs, 3, 0, 30, threads: 2);
        var expected = folder.Expected(AsItIs, 0, 30);
        ImageBatch? held = null;
        while (reader.Read() is { } batch)
        {
            if (held is not null) AssertBatch(held);
            held?.Dispose();
            held = batch;
        }
        AssertBatch(held!);
        held!.Dispose();
        held.Dispose();
        Assert.Throws<ObjectDisposedException>(() => held.Data);

        void AssertBatch(ImageBatch batch)
        {
            var floats = batch.Floats.Length;
            Assert.Equal(expected.AsSpan(batch.Index * floats, floats), batch.Floats);
        }
    }

    [Fact]
    public async Task Decoding_stops_at_the_bound_when_nobody_reads()
    {
        using var folder = ImageFolder.Of(40);
        using var reader = new ImageBatchReader(folder.Files, Fixed, 4, 0, 40, threads: 3);
        Assert.Equal(3, reader.Slots);
        await Until(() => reader.DecodedImages == 12);
        await Task.Delay(50);
        Assert.Equal(12, reader.DecodedImages);
        Assert.Equal(3, reader.LiveThreads);

        reader.Read()!.Dispose();
        await Until(() => reader.DecodedImages == 16);
        reader.Dispose();
        Assert.Equal(0, reader.LiveThreads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void The_first_bad_image_of_the_list_is_the_one_that_is_named(int threads)
    {
        for (var round = 0; round < 5; round++)
        {
            using var folder = ImageFolder.Of(8);
            // The first bad one takes long to fail and the others fail at once, but it is the one to report.
            var whole = File.ReadAllBytes(folder.Add(300, 300));
            var first = folder.AddBytes(whole[..^200]);
            folder.AddBytes([]);
            folder.AddBytes("text"u8.ToArray());
            for (var i = 0; i < 20; i++) folder.Add(24, 20);
            using var reader = new ImageBatchReader(folder.Files, Fixed, 4, 0, folder.Files.Count, threads);

            var error = Assert.Throws<ImageException>(() => { while (reader.Read() is { } batch) batch.Dispose(); });
            Assert.Equal(first, error.Path);
            Assert.Same(error, Assert.Throws<ImageException>(reader.Read));
            Assert.True(reader.DecodedImages <= 9 + threads);
            reader.Dispose();
            Assert.Equal(0, reader.LiveThreads);
        }
    }

    [Fact]
    public void Images_of_two_sizes_are_an_error_that_names_both_files()
    {
        using var folder = ImageFolder.Of(5);
        var other = folder.Add(25, 20);
        using var reader = new ImageBatchReader(folder.Files, AsItIs, 2, 2, 6, threads: 2);
        Assert.Equal(new ImageSize(24, 20), reader.Size);
        var error = Assert.Throws<UserErrorException>(() => { while (reader.Read() is { } batch) batch.Dispose(); });
        Assert.Equal(
            $"Image {other} comes to 25x20 pixels after the transforms, but the first of the list, {folder.Files[0]}, to 24x20. All images "
                + "of a list must come to one size: add a Resize to height and width, or a CenterCrop, to the pipeline.",
            error.Message);
    }

    [Fact]
    public void A_bad_first_image_is_named_at_once_where_it_decides_the_size()
    {
        using var folder = new ImageFolder();
        var bad = folder.AddBytes("text"u8.ToArray());
        folder.Add(8, 8);
        var error = Assert.Throws<ImageException>(() => new ImageBatchReader(folder.Files, AsItIs, 2, 0, 2, threads: 2));
        Assert.Equal(bad, error.Path);
    }

    [Fact]
    public void What_the_pipeline_refuses_is_named_with_the_file()
    {
        using var folder = ImageFolder.Of(2, 8, 8);
        var thin = folder.Add(1, 20000);
        var padded = ImagePipeline.Compile([new PadConfig(60000, 0, 0, 0, 0), new CenterCropConfig(8, 8), new ToTensorConfig()]);
        using var reader = new ImageBatchReader(folder.Files, padded, 3, 0, 3, threads: 1);
        var error = Assert.Throws<UserErrorException>(reader.Read);
        Assert.StartsWith($"Image {thin}: The pipeline makes a picture of 60001x20000 pixels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_wakes_a_waiting_reader_and_ends_the_threads()
    {
        using var folder = ImageFolder.Of(60);
        using var cancel = new CancellationTokenSource();
        using var reader = new ImageBatchReader(folder.Files, Fixed, 4, 0, 60, threads: 4, cancellation: cancel.Token);
        reader.Read()!.Dispose();
        await Until(() => reader.DecodedImages >= 12);
        await cancel.CancelAsync();

        Assert.Throws<OperationCanceledException>(reader.Read);
        await Until(() => reader.LiveThreads == 0);
        Assert.InRange(reader.DecodedImages, 12, 20);
    }

    [Fact]
    public async Task Disposing_wakes_a_waiting_reader()
    {
        using var folder = new ImageFolder();
        var file = folder.Add(400, 400);
        // One batch of seconds of decoding: Read cannot return before Dispose.
        var reader = new ImageBatchReader([.. Enumerable.Repeat(file, 500)], Fixed, 500, 0, 500, threads: 1);
        var reading = Task.Run(() => Record.Exception(reader.Read), TestContext.Current.CancellationToken);
        await Until(() => reader.DecodedImages > 0);
        reader.Dispose();
        Assert.IsType<ObjectDisposedException>(await reading.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.InRange(reader.DecodedImages, 1, 400);
        Assert.Equal(0, reader.LiveThreads);
        Assert.Throws<ObjectDisposedException>(reader.Read);
        reader.Dispose();
    }

    [Fact]
    public void A_batch_stays_whole_when_the_reader_is_disposed_before_it()
    {
        using var folder = ImageFolder.Of(9);
        var reader = new ImageBatchReader(folder.Files, AsItIs, 3, 0, 9, threads: 2);
        var batch = reader.Read()!;
        reader.Dispose();
        Assert.Equal(folder.Expected(AsItIs, 0, 3), batch.Floats.ToArray());
        batch.Dispose();
    }

    [Fact]
    public void Stopping_at_any_moment_leaves_no_thread()
    {
        using var folder = ImageFolder.Of(24);
        for (var round = 0; round < 60; round++)
        {
            using var cancel = new CancellationTokenSource();
            using var reader = new ImageBatchReader(folder.Files, Fixed, 2, 0, 24, threads: 1 + round % 4, cancellation: cancel.Token);
            for (var read = 0; read < round % 7; read++) reader.Read()!.Dispose();
            if (round % 3 == 0) cancel.Cancel();
            reader.Dispose();
            Assert.Equal(0, reader.LiveThreads);
        }
    }

    [Fact]
    public unsafe void The_batches_lie_in_the_memory_that_the_caller_gave()
    {
        using var folder = ImageFolder.Of(7);
        var given = new List<nint>();
        using (var reader = new ImageBatchReader(folder.Files, AsItIs, 2, 0, 7, threads: 2, (slot, floats) =>
        {
            Assert.Equal((given.Count, 2L * 3 * 24 * 20), (slot, floats));
            given.Add((nint)NativeMemory.AlignedAlloc((nuint)floats * sizeof(float), 64));
            return given[^1];
        }))
        {
            while (reader.Read() is { } batch)
            {
                Assert.Equal(given[batch.Slot], batch.Data);
                batch.Dispose();
            }
            Assert.Equal(reader.Slots, given.Count);
        }
        foreach (var address in given) NativeMemory.AlignedFree((void*)address);
    }

    [Fact]
    public void Memory_that_is_not_aligned_is_refused()
    {
        using var folder = ImageFolder.Of(2);
        var error = Assert.Throws<ArgumentException>(() => new ImageBatchReader(folder.Files, AsItIs, 2, 0, 2, threads: 1, (_, _) => 4100));
        Assert.Contains("a multiple of 64 is needed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Holding_every_batch_is_an_error_instead_of_a_dead_lock()
    {
        using var folder = ImageFolder.Of(8);
        using var reader = new ImageBatchReader(folder.Files, AsItIs, 2, 0, 8, threads: 1);
        var held = Enumerable.Range(0, reader.Slots).Select(_ => reader.Read()!).ToList();
        Assert.Contains("dispose one", Assert.Throws<InvalidOperationException>(reader.Read).Message, StringComparison.Ordinal);
        held[1].Dispose();
        held[0].Dispose();
        Assert.Equal(3, reader.Read()!.Index);
    }

    private static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition()) await Task.Delay(5, patience.Token);
    }
}
