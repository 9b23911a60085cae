using System.Text;
using ClusterBench.Training;
using ClusterBench.Training.TensorBoard;

namespace ClusterBench.Tests.Training.TensorBoard;

public sealed class EventFileTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_checksum_is_CRC_32C_as_published() => Assert.Equal(0xE3069283, TfRecord.Crc("123456789"u8));

    [Fact]
    public void A_record_begins_as_those_of_TensorFlow_do() =>
        Assert.Equal("1800000000000000A37F4B22", Convert.ToHexString(TfRecord.Frame(new byte[24])[..12]));

    [Fact]
    public void Each_line_of_the_log_becomes_one_event_with_mmcvs_tags_at_its_step()
    {
        EventFile.Rebuild(folder.Path, LogLines.Epochs(1), TimeProvider.System).Dispose();

        var events = EventFileReader.Read(Single());

        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.True(events[1].Restart);
        Assert.Equal([50L, 100, 100], events.Skip(2).Select(static e => e.Step));
        Assert.Equal(
            [("learning_rate", 0.1f), ("train/loss", 2.45f), ("train/top1", 40.625f), ("train/top5", 90.625f), ("train/images_per_second", 128f), ("train/data_wait", 0.02f)],
            events[2].Scalars);
        Assert.Equal([("val/top1", 45.5f), ("val/top5", 92.25f), ("val/images_per_second", 1000f)], events[4].Scalars);
        Assert.Equal(1_800_000_050.25, events[2].WallTime);
    }

    [Fact]
    public void A_zero_is_a_point_like_any_other()
    {
        EventFile.Rebuild(folder.Path, [LogLines.Train(50) with { LearningRate = 0, Loss = 0 }], TimeProvider.System).Dispose();

        Assert.Equal([("learning_rate", 0f), ("train/loss", 0f)], EventFileReader.Read(Single())[2].Scalars.Take(2));
    }

    [Fact]
    public void What_is_appended_is_there_at_once()
    {
        using var file = EventFile.Rebuild(folder.Path, [], TimeProvider.System);
        file.Append(LogLines.Train(50));
        Assert.Equal(50, EventFileReader.Read(Single())[^1].Step);
        file.Append(LogLines.Val(100));
        Assert.Equal([0L, 0, 50, 100], EventFileReader.Read(Single()).Select(static e => e.Step));
    }

    [Fact]
    public void Training_that_goes_on_leaves_one_file_without_double_points()
    {
        using var stale = EventFile.Rebuild(folder.Path, [], TimeProvider.System);
        foreach (var line in LogLines.Epochs(2))
        {
            stale.Append(line);
        }

        var before = Single();
        using (var file = EventFile.Rebuild(folder.Path, LogLines.Epochs(1), TimeProvider.System))
        {
            file.Append(LogLines.Train(150));
            stale.Append(LogLines.Train(250));
        }

        var after = Single();
        Assert.True(string.CompareOrdinal(before, after) < 0, "TensorBoard reads on in a later file");
        Assert.Equal([50L, 100, 100, 150], EventFileReader.Read(after).Skip(2).Select(static e => e.Step));
    }

    [Fact]
    public void Other_files_of_the_folder_stay()
    {
        File.WriteAllText(folder.File("note.txt"), "mine", Encoding.UTF8);

        EventFile.Rebuild(folder.Path, [], TimeProvider.System).Dispose();

        Assert.Equal("mine", File.ReadAllText(folder.File("note.txt")));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        File.WriteAllText(folder.File("file"), "");

        var error = Assert.Throws<UserErrorException>(() => EventFile.Rebuild(folder.File("file/tf_logs"), [], TimeProvider.System));

        Assert.Contains("file/tf_logs cannot be written", error.Message, StringComparison.Ordinal);
    }

    private string Single() => Assert.Single(Directory.GetFiles(folder.Path, "events.out.tfevents.*"));
}
