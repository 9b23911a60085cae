using System.Globalization;
using System.Text.Json;
using ClusterBench.Arrays;
using ClusterBench.Checkpoints;
using ClusterBench.Checkpoints.Zip;

namespace ClusterBench.Tests.Checkpoints;

public sealed class CheckpointWriterTests
{
    /// <summary>Prints what torch.load makes of a file: dictionaries, lists and scalars as JSON, tensors as dtype, shape, strides, elements.</summary>
    private const string Describe = """
        import sys, json, torch
        def plain(v):
            if torch.is_tensor(v):
                return ['tensor', str(v.dtype)[6:], list(v.shape), list(v.stride()), v.double().flatten().tolist() if not v.is_complex() else torch.view_as_real(v).double().flatten().tolist()]
            if isinstance(v, dict): return {type(v).__name__: [[repr(k), plain(x)] for k, x in v.items()]}
            if isinstance(v, tuple): return {'tuple': [plain(x) for x in v]}
            if isinstance(v, list): return [plain(x) for x in v]
            return repr(v)
        print(json.dumps(plain(torch.load(sys.argv[1], map_location='cpu', weights_only=len(sys.argv) > 2))))
        """;

    [Fact]
    public async Task PyTorch_loads_what_was_written()
    {
        using var folder = new TempFolder();
        var state = new OrderedDictionary<string, object?> { ["w"] = TensorToSave.Float32([2, 3], new float[] { 1, -2, 0.5f, 3, 4, 0.25f }), ["n"] = TensorToSave.From<long>(DType.Int64, [], new long[] { 5287 }) };
        var optimizer = new OrderedDictionary<object, object?> { [0L] = new OrderedDictionary<string, object?> { ["momentum_buffer"] = TensorToSave.From<Half>(DType.Float16, [2], new[] { (Half)0.5, (Half)(-2) }) }, [1] = null };
        CheckpointWriter.Write(folder.File("a.pth"), new OrderedDictionary<string, object?>
        {
            ["meta"] = new OrderedDictionary<string, object?> { ["epoch"] = 7, ["big"] = 1L << 40, ["lr"] = 0.03, ["text"] = "é中\n", ["yes"] = true, ["no"] = false, ["none"] = null, ["list"] = new List<object?> { 1, "x" }, ["tuple"] = new object?[] { 1L, -2.5f } },
            ["state_dict"] = state,
            ["optimizer"] = new OrderedDictionary<string, object?> { ["state"] = optimizer, ["empty"] = new List<object?>(), ["none"] = new OrderedDictionary<string, object?>() },
        });

        string python = await Python.Run(Describe, folder.File("a.pth"));

        Assert.Equal(
            """{"dict": [["'meta'", {"dict": [["'epoch'", "7"], ["'big'", "1099511627776"], ["'lr'", "0.03"], ["'text'", "'\u00e9\u4e2d\\n'"], ["'yes'", "True"], ["'no'", "False"], ["'none'", "None"], ["'list'", ["1", "'x'"]], ["'tuple'", {"tuple": ["1", "-2.5"]}]]}], """ +
            """["'state_dict'", {"dict": [["'w'", ["tensor", "float32", [2, 3], [3, 1], [1.0, -2.0, 0.5, 3.0, 4.0, 0.25]]], ["'n'", ["tensor", "int64", [], [], [5287.0]]]]}], """ +
            """["'optimizer'", {"dict": [["'state'", {"dict": [["0", {"dict": [["'momentum_buffer'", ["tensor", "float16", [2], [1], [0.5, -2.0]]]]}], ["1", "None"]]}], ["'empty'", []], ["'none'", {"dict": []}]]}]]}""",
            python);
    }

    [Theory]
    [InlineData("dtypes.pth")]
    [InlineData("strides.pth")]
    [InlineData("shared_storage.pth")]
    [InlineData("bool_bytes.pth")]
    [InlineData("nonfinite.pth")]
    public async Task Tensors_of_every_type_and_shape_come_back_contiguous_from_PyTorch_and_from_here(string name)
    {
        using var folder = new TempFolder();
        string copy = folder.File("copy.pth");
        using Checkpoint original = Checkpoint.Open(Fixtures.Path("checkpoints", name));
        var tensors = new OrderedDictionary<string, object?>();
        foreach (TensorEntry entry in original.Tensors)
        {
            tensors.Add(entry.Path!.ToString(), entry.Tensor);
        }
        CheckpointWriter.Write(copy, tensors);

        using Checkpoint written = Checkpoint.Open(copy);
        foreach ((TensorEntry a, TensorEntry b) in original.Tensors.Zip(written.Tensors))
        {
            Assert.Equal(a.Tensor.DType, b.Tensor.DType);
            Assert.Equal(a.Tensor.Shape, b.Tensor.Shape);
            Assert.Equal(a.Tensor.ToArray(), b.Tensor.ToArray());
            Assert.True(b.Tensor.IsContiguous);
        }
        string same = await Python.Run(
            """
            import sys, torch
            def flat(v, p=''):
                return {p: v} if torch.is_tensor(v) else {q: t for k, x in v.items() for q, t in flat(x, f'{p}.{k}' if p else k).items()}
            a, b = (flat(torch.load(p, map_location='cpu')) for p in sys.argv[1:])
            raw = lambda t: t.contiguous().numpy().tobytes() if t.dtype not in (torch.bfloat16, torch.bool) else t.float().numpy().tobytes()
            print(list(a) == list(b) and all(a[k].dtype == b[k].dtype and a[k].shape == b[k].shape and (raw(a[k]) == raw(b[k]) or a[k].dtype == torch.bool) and b[k].is_contiguous() for k in a), len(a))
            """,
            original.Path,
            copy);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"True {original.Tensors.Count}"), same);
    }

    [Fact]
    public void Equal_content_gives_equal_files_and_tensors_start_at_a_multiple_of_64()
    {
        using var folder = new TempFolder();
        var root = new OrderedDictionary<string, object?>();
        for (int i = 0; i < 12; i++)
        {
            root.Add($"t{i}", TensorToSave.Float32([i + 1], Enumerable.Repeat(i + 0.5f, i + 1).ToArray()));
        }
        CheckpointWriter.Write(folder.File("a.pth"), root);
        CheckpointWriter.Write(folder.File("b.pth"), root);

        byte[] bytes = File.ReadAllBytes(folder.File("a.pth"));
        Assert.Equal(bytes, File.ReadAllBytes(folder.File("b.pth")));
        using var mapped = new ClusterBench.Files.MappedFile(folder.File("a.pth"));
        ZipEntry[] data = [.. ZipDirectory.Read(mapped, new Refusals("a.pth")).Values.Where(e => e.Name.StartsWith("archive/data", StringComparison.Ordinal))];
        Assert.Equal(13, data.Length);
        Assert.All(data, e => Assert.Equal(0, e.DataOffset % 64));
    }

    [Fact]
    public async Task Files_past_4_GB_have_64_bit_fields_that_PyTorch_and_this_reader_understand()
    {
        using var folder = new TempFolder();
        string path = folder.File("wide.pth");
        var root = new OrderedDictionary<string, object?> { ["a"] = TensorToSave.Float32([40], Enumerable.Range(0, 40).Select(i => (float)i).ToArray()), ["b"] = TensorToSave.Float32([2], new float[] { 7, 8 }) };
        await using (FileStream file = File.Create(path))
        {
            CheckpointWriter.Write(new ZipWriter(file, zip64From: 100), root); // As if 100 bytes were 4 GB.
        }

        using Checkpoint read = Checkpoint.Open(path);
        Assert.Equal([7.0, 8.0], ElementReader.Doubles(read.Tensors[1].Tensor));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (double)i), ElementReader.Doubles(read.Tensors[0].Tensor));
        using JsonDocument python = JsonDocument.Parse(await Python.Run(Describe, path));
        Assert.Contains("[7.0, 8.0]", python.RootElement.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PyTorch_loads_a_model_file_also_with_weights_only()
    {
        using var folder = new TempFolder();
        CheckpointWriter.Write(folder.File("model.pth"), new OrderedDictionary<string, object?>
        {
            ["state_dict"] = new OrderedDictionary<string, object?> { ["w"] = TensorToSave.Float32([2], new float[] { 7, 8 }), ["n"] = TensorToSave.From<long>(DType.Int64, [], new long[] { 5287 }) },
            ["meta"] = new OrderedDictionary<string, object?> { ["source"] = "a.pth", ["layout"] = "mm", ["epoch"] = 7 },
        });

        string python = await Python.Run(Describe, folder.File("model.pth"), "weights_only");

        Assert.Contains("[7.0, 8.0]", python, StringComparison.Ordinal);
        Assert.Contains("[5287.0]", python, StringComparison.Ordinal);
    }

    /// <summary>Needs 5 GB of disk and of memory; run with -explicit only.</summary>
    [Fact(Explicit = true)]
    public async Task A_file_of_really_more_than_4_GB_goes_round_through_PyTorch()
    {
        using var folder = new TempFolder();
        const long size = (4L << 30) + 12345;
        var big = new TensorToSave(DType.UInt8, [size], to =>
        {
            byte[] chunk = [.. Enumerable.Repeat((byte)1, 1 << 20)];
            for (long left = size; left > 0; left -= chunk.Length)
            {
                to.Write(chunk, 0, (int)Math.Min(left, chunk.Length));
            }
        });
        CheckpointWriter.Write(folder.File("big.pth"), new OrderedDictionary<string, object?> { ["big"] = big, ["small"] = TensorToSave.Float32([2], new float[] { 7, 8 }) });

        using Checkpoint read = Checkpoint.Open(folder.File("big.pth"));
        read.Verify();
        Assert.Equal(size, read.Tensors[0].Tensor.Count);
        Assert.Equal([7.0, 8.0], ElementReader.Doubles(read.Tensors[1].Tensor));
        string python = await Python.Run("import sys, torch; d = torch.load(sys.argv[1]); print(d['big'].numel(), int(d['big'][-1]), d['small'].tolist())", folder.File("big.pth"));
        Assert.Equal($"{size} 1 [7.0, 8.0]", python);
    }

    [Fact]
    public void An_object_that_no_checkpoint_can_hold_is_an_error_and_leaves_no_file()
    {
        using var folder = new TempFolder();
        var circle = new List<object?>();
        circle.Add(circle);
        Assert.Throws<ArgumentException>(() => CheckpointWriter.Write(folder.File("a.pth"), circle));
        Assert.Throws<ArgumentException>(() => CheckpointWriter.Write(folder.File("a.pth"), new Uri("http://example.org")));
        Assert.Throws<InvalidOperationException>(() => CheckpointWriter.Write(folder.File("a.pth"), TensorToSave.Float32([3], new float[2])));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }
}
