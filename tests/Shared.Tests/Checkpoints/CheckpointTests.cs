using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ClusterBench.Arrays;
using ClusterBench.Checkpoints;

namespace ClusterBench.Tests.Checkpoints;

public sealed class CheckpointTests
{
    private const long FewHundredMegabytes = 300L << 20;

    public static TheoryData<string> Good => ExpectedFile.Names("ok");

    public static TheoryData<string> Bad => ExpectedFile.Names("refuse");

    public static TheoryData<string> Either => ExpectedFile.Names("ok_or_refuse");

    [Theory]
    [MemberData(nameof(Good))]
    public void A_good_file_gives_every_tensor_and_value_that_is_expected(string name)
    {
        ExpectedFile expected = ExpectedFile.Of(name);
        using Checkpoint checkpoint = Checkpoint.Open(expected.Path);
        checkpoint.Verify();
        CheckTensors(checkpoint, expected);
        foreach (JsonProperty value in expected.Values)
        {
            CheckValue(checkpoint, name, value);
        }
        if (expected.Json.TryGetProperty("top_level_keys", out JsonElement keys))
        {
            var root = Assert.IsType<OrderedDictionary<object, object?>>(checkpoint.Root);
            Assert.Equal(keys.EnumerateArray().Select(k => (object)k.GetString()!), root.Keys);
        }
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_file_is_refused_for_the_right_reason_quickly_and_in_little_memory(string name)
    {
        ExpectedFile expected = ExpectedFile.Of(name);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();

        CheckpointException refusal = Assert.Throws<CheckpointException>(() => OpenAndVerify(expected.Path));

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, FewHundredMegabytes);
        Assert.Equal(Fault(expected.Why!), refusal.Fault);
        Assert.StartsWith($"{expected.Path} cannot be used (", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(2, refusal.ExitCode);
    }

    [Theory]
    [MemberData(nameof(Either))]
    public void A_doubtful_file_is_read_correctly_or_refused_and_costs_little(string name)
    {
        ExpectedFile expected = ExpectedFile.Of(name);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        CheckpointException? refusal = null;
        try
        {
            using Checkpoint checkpoint = Checkpoint.Open(expected.Path);
            CheckTensors(checkpoint, expected);
        }
        catch (CheckpointException e)
        {
            refusal = e;
        }
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, FewHundredMegabytes);
        string[] refused = ["sparse_extra.pth", "byteorder_big.pth", "safetensors_inside.pth", "tar_layout.pth"];
        Assert.Equal(refused.Contains(name), refusal is not null);
    }

    [Fact]
    public void Every_fixture_is_described_and_every_description_has_its_file()
    {
        string[] described = [.. ExpectedFile.All.Select(f => f.Name), "expected.json", "backbone_only.pth"];
        string[] there = [.. Directory.GetFiles(Fixtures.Path("checkpoints")).Select(f => Path.GetFileName(f))];
        Assert.Equal(described.Order(StringComparer.Ordinal), there.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("bad_pickle_os_system.pth", "it wants to call posix.system")]
    [InlineData("bad_whole_module.pth", "torch.nn.modules.container.Sequential")]
    [InlineData("bad_lfs_pointer.pth", "git lfs pull")]
    [InlineData("bad_html.pth", "web page")]
    [InlineData("bad_gzip.pth", "gunzip")]
    [InlineData("bad_npz.pth", "numpy .npz")]
    [InlineData("bad_onnx.pth", "ONNX")]
    [InlineData("bad_hdf5.pth", "HDF5")]
    [InlineData("safetensors_inside.pth", "safetensors.torch.load_file")]
    [InlineData("tar_layout.pth", "torch.save's tar layout")]
    [InlineData("bad_missing_storage.pth", "storage '0'")]
    public void The_message_says_what_the_file_is_or_lacks(string name, string words)
    {
        CheckpointException refusal = Assert.Throws<CheckpointException>(() => OpenAndVerify(Fixtures.Path("checkpoints", name)));
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_or_is_a_folder_is_an_error_with_its_name()
    {
        using var folder = new TempFolder();
        UserErrorException missing = Assert.Throws<UserErrorException>(() => Checkpoint.Open(folder.File("none.pth")));
        Assert.Equal($"{folder.File("none.pth")} cannot be opened: there is no such file. Check the path and its permissions.", missing.Message);
        UserErrorException directory = Assert.Throws<UserErrorException>(() => Checkpoint.Open(folder.Path));
        Assert.Contains("is a folder", directory.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_in_a_tensor_that_nobody_reads_does_not_stop_the_others()
    {
        using Checkpoint checkpoint = Checkpoint.Open(Fixtures.Path("checkpoints", "bad_crc.pth"));
        int sound = 0, damaged = 0;
        foreach (TensorEntry entry in checkpoint.Tensors)
        {
            try
            {
                entry.Tensor.ToArray();
                sound++;
            }
            catch (CheckpointException e) when (e.Fault == CheckpointFault.DamagedData)
            {
                damaged++;
            }
        }
        Assert.Equal(1, damaged);
        Assert.Equal(checkpoint.Tensors.Count - 1, sound);
    }

    [Fact]
    public void Every_real_type_comes_out_as_float32()
    {
        using Checkpoint checkpoint = Checkpoint.Open(Fixtures.Path("checkpoints", "dtypes.pth"));
        var types = new HashSet<DType>();
        foreach (TensorEntry entry in checkpoint.Tensors)
        {
            float[] floats = new float[entry.Tensor.Count];
            entry.Tensor.CopyToFloat32(floats);
            Assert.Equal(ElementReader.Doubles(entry.Tensor).Select(d => (float)d), floats);
            types.Add(entry.Tensor.DType);
        }
        Assert.Equal(10, types.Count);
    }

    private static void CheckTensors(Checkpoint checkpoint, ExpectedFile expected)
    {
        int count = 0;
        foreach (JsonElement json in expected.Tensors)
        {
            string[] path = [.. json.GetProperty("path").EnumerateArray().Select(p => p.ToString().Replace("<class '", "", StringComparison.Ordinal).Replace("'>", "", StringComparison.Ordinal))];
            CheckTensor(Assert.IsType<CheckpointTensor>(ObjectGraph.At(checkpoint.Root, path)), json);
            count++;
            if (expected.Name != "rare_opcodes.pth" || path[0] != "again") // The same dictionary a second time.
            {
                Assert.Contains(checkpoint.Tensors, t => (t.Path?.ToString() ?? "") == string.Join('.', path));
            }
        }
        Assert.True(count > 0, "expected.json names no tensor");
    }

    private static void CheckTensor(CheckpointTensor tensor, JsonElement json)
    {
        Assert.Equal(json.GetProperty("dtype").GetString(), tensor.DType.Name());
        Assert.Equal(json.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64()), tensor.Shape);
        double[] elements = ElementReader.Doubles(tensor);
        double[] first = [.. json.GetProperty("first").EnumerateArray().Select(Number)];
        Assert.Equal(first, elements.Take(first.Length));
        if (json.TryGetProperty("stride", out JsonElement stride))
        {
            Assert.Equal(stride.EnumerateArray().Select(v => v.GetInt64()), tensor.Stride);
            Assert.Equal(json.GetProperty("storage_offset").GetInt64(), tensor.Offset);
            Assert.Equal(json.GetProperty("numel").GetInt64(), tensor.Count);
        }
        if (json.TryGetProperty("sum", out JsonElement sum))
        {
            double wanted = Number(sum);
            Assert.True(wanted == elements.Sum() || Math.Abs(wanted - elements.Sum()) <= 1e-12 * elements.Sum(Math.Abs), $"sum {elements.Sum():R}, expected {wanted:R}");
        }
    }

    private static void CheckValue(Checkpoint checkpoint, string file, JsonProperty value)
    {
        if (value.Name == "distinct_storages")
        {
            Assert.Equal(value.Value.GetInt32(), checkpoint.Tensors.Select(t => t.Tensor.Storage).Distinct().Count());
            return;
        }
        List<object?> found = ObjectGraph.WithKey(checkpoint.Root, value.Name == "args_arch" ? "arch" : value.Name);
        Assert.True(found.Exists(v => ObjectGraph.Same(v, value.Value)), $"{file}: {value.Name} is {string.Join(" | ", found)}, expected {value.Value}");
    }

    private static double Number(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.String => json.GetString() switch { "inf" => double.PositiveInfinity, "-inf" => double.NegativeInfinity, "nan" => double.NaN, var text => double.Parse(text!, CultureInfo.InvariantCulture) },
        _ => json.GetDouble(),
    };

    private static CheckpointFault Fault(string why) => why == "not a PyTorch file"
        ? CheckpointFault.NotPyTorch
        : Enum.Parse<CheckpointFault>(why.Replace(" ", "", StringComparison.Ordinal), ignoreCase: true);

    private static void OpenAndVerify(string path)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        checkpoint.Verify();
    }
}
