using System.Text;
using System.Text.Json;
using ClusterBench.Training;

namespace ClusterBench.Tests.Training;

public sealed class TrainingLogTests : IDisposable
{
    private readonly TempFolder folder = new();

    private string Path => folder.File("log.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_line_on_steps_has_the_names_of_mmcv_and_ours()
    {
        Write(0, LogLines.Train(150));

        Assert.Equal(
            """{"mode":"train","epoch":2,"iter":50,"step":150,"lr":0.1,"data_time":0.01,"time":0.5,"loss":2.35,"top1":40.625,"top5":90.625,"images":64,"images_per_second":128,"data_wait":0.02,"workers":2,"at":"2027-01-15T08:02:30.25+00:00"}""" + "\n",
            File.ReadAllText(Path));
    }

    [Fact]
    public void A_line_on_an_evaluation_has_no_loss()
    {
        Write(0, LogLines.Val(200));

        using var line = JsonDocument.Parse(File.ReadAllText(Path));
        Assert.Equal("val", line.RootElement.GetProperty("mode").GetString());
        Assert.Equal(2, line.RootElement.GetProperty("epoch").GetInt32());
        Assert.Equal(200, line.RootElement.GetProperty("step").GetInt64());
        Assert.Equal(45.5, line.RootElement.GetProperty("top1").GetDouble());
        Assert.False(line.RootElement.TryGetProperty("loss", out _));
    }

    [Fact]
    public void What_was_written_is_read_to_the_last_bit()
    {
        var line = LogLines.Train(50) with { Loss = 0.1 + 0.2, LearningRate = 1.0 / 3 };
        Write(0, line, LogLines.Train(100), LogLines.Val(100));

        var content = TrainingLogFile.Read(Path);

        Assert.Equal([line, LogLines.Train(100), LogLines.Val(100)], content.Lines);
        Assert.Equal(0, content.UnreadableBytes);
    }

    [Fact]
    public void A_log_that_is_not_there_is_empty() => Assert.Empty(TrainingLogFile.Read(folder.File("none.json")).Lines);

    [Fact]
    public void A_reader_sees_each_line_whole_as_soon_as_it_is_appended()
    {
        using var log = TrainingLog.Open(Path, 0);
        for (var step = 50; step <= 500; step += 50)
        {
            Assert.True(log.Append(LogLines.Train(step)));
            Assert.Equal(step, TrainingLogFile.Read(Path).Lines[^1].Step);
            Assert.EndsWith("\n", File.ReadAllText(Path), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(99, new long[] { 50 })]
    [InlineData(100, new long[] { 50, 100, 100 })]
    [InlineData(149, new long[] { 50, 100, 100 })]
    [InlineData(1000, new long[] { 50, 100, 100, 150, 200, 200 })]
    [InlineData(0, new long[0])]
    public void Cut_back_to_a_step_it_holds_what_is_at_or_before_it(long step, long[] kept)
    {
        Write(0, [.. LogLines.Epochs(2)]);
        var before = File.ReadAllText(Path);

        var lines = TrainingLog.CutBack(Path, step);

        Assert.Equal(kept, lines.Select(static l => l.Step));
        Assert.Equal(lines, TrainingLogFile.Read(Path).Lines);
        Assert.StartsWith(File.ReadAllText(Path), before, StringComparison.Ordinal);
        Assert.Equal([Path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Keys_that_a_later_version_adds_survive_the_cut()
    {
        Write(0, LogLines.Train(50));
        var later = File.ReadAllText(Path).Replace("\"workers\":2", "\"workers\":2,\"grad_norm\":1.5", StringComparison.Ordinal);
        File.WriteAllText(Path, later);

        TrainingLog.CutBack(Path, 50);

        Assert.Equal(later, File.ReadAllText(Path));
    }

    [Theory]
    [InlineData("{\"mode\":\"train\",\"epoch\":2,\"it")]
    [InlineData("\0\0\0\0\0\0\0\0\n\0\0")]
    [InlineData("{\"mode\":\"train\"}\n")]
    [InlineData("null\n")]
    public void A_torn_end_is_not_read_and_cut_off_at_the_next_start(string torn)
    {
        Write(0, LogLines.Train(50), LogLines.Train(100));
        File.AppendAllText(Path, torn);

        var seen = TrainingLogFile.Read(Path);
        Write(100, LogLines.Train(150));

        Assert.Equal(2, seen.Lines.Count);
        Assert.Equal(Encoding.UTF8.GetByteCount(torn), seen.UnreadableBytes);
        Assert.Equal([50L, 100, 150], TrainingLogFile.Read(Path).Lines.Select(static l => l.Step));
        Assert.Equal(0, TrainingLogFile.Read(Path).UnreadableBytes);
    }

    [Fact]
    public void Cut_anywhere_the_file_gives_its_whole_lines()
    {
        Write(0, LogLines.Train(50), LogLines.Train(100));
        var whole = File.ReadAllBytes(Path);
        var first = Array.IndexOf(whole, (byte)'\n') + 1;

        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(Path, whole[..length]);
            var lines = TrainingLogFile.Read(Path).Lines.Count;
            Assert.Equal(length == whole.Length ? 2 : length >= first ? 1 : 0, lines);
        }
    }

    [Fact]
    public void An_epoch_whose_end_is_reported_again_has_one_line()
    {
        Write(0, [.. LogLines.Epochs(1)]);

        using (var log = TrainingLog.Open(Path, 100))
        {
            Assert.False(log.Append(LogLines.Val(100)));
            Assert.False(log.Append(LogLines.Train(100)));
            Assert.True(log.Append(LogLines.Train(150)));
        }

        Assert.Equal([("train", 50L), ("train", 100), ("val", 100), ("train", 150)], TrainingLogFile.Read(Path).Lines.Select(static l => (l.Mode, l.Step)));
    }

    [Fact]
    public void A_writer_that_was_replaced_can_write_no_line_any_more()
    {
        using var stale = TrainingLog.Open(Path, 0);
        stale.Append(LogLines.Train(50));
        using var log = TrainingLog.Open(Path, 50);
        stale.Append(LogLines.Train(100) with { Workers = 9 });
        log.Append(LogLines.Train(100));

        Assert.Equal([2, 2], TrainingLogFile.Read(Path).Lines.Select(static l => l.Workers));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named()
    {
        File.WriteAllText(folder.File("file"), "");

        var error = Assert.Throws<UserErrorException>(() => TrainingLog.Open(folder.File("file/log.json"), 0));

        Assert.Contains("file/log.json cannot be written", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, error.ExitCode);
    }

    [Fact]
    public void A_disk_that_fills_up_leaves_whole_lines_and_an_error_that_names_the_file()
    {
        using var disk = new FullDisk();
        using var log = new TrainingLog("runs/log.json", disk, []);
        log.Append(LogLines.Train(50));
        disk.Full = true;

        var error = Assert.Throws<UserErrorException>(() => log.Append(LogLines.Train(100)));

        Assert.StartsWith("runs/log.json cannot be written: No space left on device", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("}\n", Encoding.UTF8.GetString(disk.ToArray()), StringComparison.Ordinal);
        Assert.Single(log.Lines);
    }

    private void Write(long step, params TrainingLogLine[] lines)
    {
        using var log = TrainingLog.Open(Path, step);
        foreach (var line in lines)
        {
            Assert.True(log.Append(line));
        }
    }

    /// <summary>Takes half of what is written and fails, once it is full.</summary>
    private sealed class FullDisk : MemoryStream
    {
        public bool Full { get; set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            base.Write(buffer.ToArray(), 0, Full ? buffer.Length / 2 : buffer.Length);
            if (Full)
            {
                throw new IOException("No space left on device");
            }
        }
    }
}
