using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using ClusterBench.Checkpoints;
using CsCheck;

namespace ClusterBench.Tests.Checkpoints;

/// <summary>Attacks beyond the fixtures: random damage, and pickles that want memory or time.</summary>
public sealed class HostileCheckpointTests
{
    private const string Tensor = "ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0001tQK\0))\u0089ccollections\nOrderedDict\n)RtR";

    [Theory]
    [InlineData("mm_zip.pth", "1X2Y3Z4abcde")]
    [InlineData("mm_legacy.pth", "1X2Y3Z4abcdf")]
    [InlineData("handmade_ok.pth", "1X2Y3Z4abcdg")]
    [InlineData("deflated.pth", "1X2Y3Z4abcdh")]
    [InlineData("misc_objects.pth", "1X2Y3Z4abcdi")]
    [InlineData("numpy_inside_legacy.pth", "1X2Y3Z4abcdj")]
    [InlineData("text_opcodes.pth", "1X2Y3Z4abcdk")]
    [InlineData("rare_opcodes.pth", "1X2Y3Z4abcdl")]
    [InlineData("protocol4_legacy.pth", "1X2Y3Z4abcdm")]
    [InlineData("strides_legacy.pth", "1X2Y3Z4abcdn")]
    public void Random_damage_ends_in_success_or_in_a_refusal(string name, string seed)
    {
        byte[] sound = File.ReadAllBytes(Fixtures.Path("checkpoints", name));
        using var folder = new TempFolder();
        string path = folder.File("damaged.pth");
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte).List[1, 4].Select(Gen.Int[0, 9], Gen.Int[1, sound.Length]).Sample(
            (flips, cut, length) =>
            {
                byte[] bytes = [.. sound];
                foreach ((int at, byte value) in flips)
                {
                    bytes[at] = value;
                }
                File.WriteAllBytes(path, cut == 0 ? bytes[..length] : bytes);
                Survive(path);
            },
            seed: seed,
            iter: 400,
            threads: 1);
    }

    [Fact]
    public void Random_damage_inside_the_pickle_itself_ends_in_success_or_in_a_refusal()
    {
        // The CRC-32 of the zip hides the machine from random flips; here it is computed anew.
        byte[] sound = Pickle($"}}(X\u0001\0\0\0w{Tensor}X\u0004\0\0\0meta}}(X\u0001\0\0\0aK\u0001X\u0001\0\0\0b](K\u0001K\u0002eX\u0001\0\0\0c\u0088X\u0001\0\0\0dG@\u0008\0\0\0\0\0\0uu.");
        using var folder = new TempFolder();
        Assert.Null(Survive(Write(folder, sound)));
        Gen.Select(Gen.Int[2, sound.Length - 1], Gen.Byte).List[1, 3].Sample(
            flips =>
            {
                byte[] bytes = [.. sound];
                foreach ((int at, byte value) in flips)
                {
                    bytes[at] = value;
                }
                Survive(Write(folder, bytes));
            },
            seed: "1X2Y3Z4abcdo",
            iter: 3000,
            threads: 1);
    }

    public static TheoryData<string, string> Bombs => new()
    {
        { "bytes made of one long text again and again", "X\u0000\u0000\u0010\0" + new string('x', 0x100000) + "q\u00010" + Repeat("c_codecs\nencode\nh\u0001X\u0006\0\0\0latin1\u0086R", 3000) },
        { "a million nested lists", Repeat("]", 1_000_000) + Repeat("a", 999_999) + "0" },
        { "a million open marks", Repeat("(", 1_000_000) },
        { "ten million values on the stack", Repeat("K\u0001", 10_000_000) },
        { "a dictionary copied from pairs again and again", "](" + Repeat("K\u0001K\u0002\u0086", 100_000) + "eq\u00010" + Repeat("ccollections\nOrderedDict\nh\u0001\u0085R0", 2000) },
        { "a number of a million digits", "L" + new string('7', 1_000_000) + "L\n0" },
        { "keys whose plain hashes are all the same", "}(" + string.Concat(Enumerable.Range(1, 200_000).Select(i => "\u008a\u0008" + Latin1(BitConverter.GetBytes((long)i << 32 | (uint)i)) + "N")) + "u0" },
        { "a list that holds itself many times", "]q\u0001(" + Repeat("h\u0001", 500_000) + "e0" },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_pickle_that_wants_memory_or_time_gets_little_of_both(string what, string body)
    {
        using var folder = new TempFolder();
        string path = Write(folder, Pickle(body + $"}}X\u0001\0\0\0w{Tensor}s."));
        long before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();

        CheckpointException? refusal = Survive(path);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"{what}: {clock.Elapsed}, {refusal?.Message}");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1L << 30, $"{what}: {GC.GetAllocatedBytesForCurrentThread() - before} bytes allocated, {refusal?.Message}");
        Assert.True(refusal is null or { Fault: CheckpointFault.TooLarge or CheckpointFault.DamagedPickle }, $"{what}: {refusal?.Message}");
    }

    [Fact]
    public void A_storage_that_unpacks_to_a_thousand_times_its_file_is_refused_before_it_fills_the_memory()
    {
        using var folder = new TempFolder();
        const long size = 400L << 20;
        string path = folder.File("bomb.pth");
        using (ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            byte[] pickle = Pickle($"}}X\u0001\0\0\0w{Tensor.Replace("K\u0001t", $"J{Latin1(BitConverter.GetBytes((int)(size / 4)))}t", StringComparison.Ordinal).Replace("))\u0089", $"J{Latin1(BitConverter.GetBytes((int)(size / 4)))}\u0085K\u0001\u0085\u0089", StringComparison.Ordinal)}s.");
            Add(zip, "archive/data.pkl", to => to.Write(pickle));
            Add(zip, "archive/data/0", to =>
            {
                byte[] zeros = new byte[1 << 20];
                for (long at = 0; at < size; at += zeros.Length)
                {
                    to.Write(zeros);
                }
            });
        }
        using Checkpoint checkpoint = Checkpoint.Open(path);
        long before = GC.GetAllocatedBytesForCurrentThread();
        CheckpointException refusal = Assert.Throws<CheckpointException>(checkpoint.Verify);
        Assert.Equal(CheckpointFault.TooLarge, refusal.Fault);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 600L << 20);
    }

    /// <summary>Opens and reads everything; anything but success or a refusal fails the test.</summary>
    private static CheckpointException? Survive(string path)
    {
        try
        {
            using Checkpoint checkpoint = Checkpoint.Open(path);
            checkpoint.Verify();
            foreach (TensorEntry entry in checkpoint.Tensors.Take(1000))
            {
                Assert.Equal(entry.Tensor.ByteCount, entry.Tensor.ByteCount < 1 << 24 ? entry.Tensor.ToArray().Length : entry.Tensor.ByteCount);
                Assert.NotNull(entry.Path?.ToString() ?? "");
            }
            return null;
        }
        catch (CheckpointException refusal)
        {
            Assert.StartsWith(path, refusal.Message, StringComparison.Ordinal);
            return refusal;
        }
    }

    private static byte[] Pickle(string opcodes) => Encoding.Latin1.GetBytes("\u0080\u0002" + opcodes);

    private static string Latin1(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    private static string Repeat(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();

    private static string Write(TempFolder folder, byte[] pickle)
    {
        string path = folder.File("made.pth");
        using var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
        var zip = new ClusterBench.Checkpoints.Zip.ZipWriter(file);
        zip.Add("archive/data.pkl", pickle.Length, to => to.Write(pickle));
        zip.Add("archive/data/0", 4, to => to.Write(BitConverter.GetBytes(1.5f)));
        zip.Finish();
        return path;
    }

    private static void Add(ZipArchive zip, string name, Action<Stream> write)
    {
        using Stream to = zip.CreateEntry(name, CompressionLevel.Optimal).Open();
        write(to);
    }
}
