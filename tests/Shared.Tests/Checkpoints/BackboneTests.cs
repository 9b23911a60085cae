using System.Security.Cryptography;
using System.Text;
using ClusterBench.Arrays;
using ClusterBench.Checkpoints;

namespace ClusterBench.Tests.Checkpoints;

public sealed class BackboneTests
{
    /// <summary>SHA-256 over the sorted names, a zero byte and the raw elements of each tensor: the fixtures' figure for the SimCLR backbone.</summary>
    private const string BackboneHash = "2e967b620d31cd75d761c77aabfc217570015c92423f5a2189e24e061fb156d7";

    public static TheoryData<string, string, int, string> Samples => new()
    {
        { "simclr_r18w16_fashion.pth", "state_dict with prefix 'backbone.'", 120, "neck.=12 head.=1" },
        { "simclr_r18w16_fashion_legacy.pth", "state_dict with prefix 'backbone.'", 120, "neck.=12 head.=1" },
        { "moco_style_facebook.pth", "state_dict with prefix 'module.encoder_q.'", 120, "module.encoder_k.=120 module.queue=1 module.queue_ptr=1" },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task The_samples_come_to_the_same_backbone_to_the_bit(string sample, string layout, int tensors, string dropped)
    {
        using var folder = new TempFolder();
        string model = folder.File("model.pth");

        ExtractionReport report = BackboneExtractor.Extract(Sample(sample), model);

        Assert.Equal(layout, report.Layout);
        Assert.Equal(tensors, report.Names.Count);
        Assert.Equal(dropped, string.Join(' ', report.Dropped.Select(d => $"{d.Prefix}={d.Count}")));
        Assert.Equal(BackboneHash, Hash(model));
        await CheckAgainstPyTorch(model, Fixtures.Path("checkpoints", "backbone_only.pth"));
    }

    [Theory]
    [InlineData("module.backbone.", "module.neck.", true)]
    [InlineData("encoder_q.0.", "encoder_q.1.", true)]
    [InlineData("module.encoder_q.0.", "module.encoder_q.1.", true)]
    [InlineData("encoder_q.", "encoder_q.fc.", false)]
    [InlineData("encoder.", "decoder.", true)]
    [InlineData("encoder.0.", "encoder.1.", false)]
    [InlineData("module.encoder.", "module.projector.", true)]
    [InlineData("", "fc.", false)]
    [InlineData("module.", "module.fc.", true)]
    public void Every_layout_comes_to_the_same_backbone_to_the_bit(string prefix, string neck, bool inStateDict)
    {
        using var folder = new TempFolder();
        using Checkpoint simclr = Checkpoint.Open(Sample("simclr_r18w16_fashion.pth"));
        var weights = new OrderedDictionary<string, object?>();
        foreach (TensorEntry entry in simclr.Tensors.Where(t => t.Path!.Parent is { Key: "state_dict" }))
        {
            string name = (string)entry.Path!.Key;
            string other = name.StartsWith("backbone.", StringComparison.Ordinal) ? prefix + name["backbone.".Length..] : name.Replace("neck.", neck, StringComparison.Ordinal);
            weights.Add(other.StartsWith("head.", StringComparison.Ordinal) ? "queue" : other, entry.Tensor);
            if (prefix.Contains("_q.", StringComparison.Ordinal) && other.StartsWith(prefix, StringComparison.Ordinal))
            {
                weights.Add(other.Replace("_q.", "_k.", StringComparison.Ordinal), TensorToSave.Float32([1], new float[] { 0 }));
            }
        }
        CheckpointWriter.Write(folder.File("in.pth"), inStateDict ? new OrderedDictionary<string, object?> { ["epoch"] = 3, ["state_dict"] = weights } : weights);

        ExtractionReport report = BackboneExtractor.Extract(folder.File("in.pth"), folder.File("out.pth"));

        Assert.Equal($"{(inStateDict ? "state_dict" : "bare state_dict")} {(prefix.Length == 0 ? "without a prefix" : $"with prefix '{prefix}'")}", report.Layout);
        Assert.Equal(prefix, report.RemovedPrefix);
        Assert.Equal(BackboneHash, Hash(folder.File("out.pth")));
        Assert.Equal(weights.Count - 120, report.Dropped.Sum(d => d.Count));
        Assert.Contains(report.Dropped, d => d.Prefix == neck && d.Count == 12);
    }

    [Fact]
    public void An_extracted_file_is_taken_as_it_is_and_extracting_it_again_changes_no_weight()
    {
        using var folder = new TempFolder();
        BackboneExtractor.Extract(Sample("simclr_r18w16_fashion.pth"), folder.File("one.pth"));
        ExtractionReport again = BackboneExtractor.Extract(folder.File("one.pth"), folder.File("two.pth"));
        Assert.Equal("state_dict without a prefix", again.Layout);
        Assert.Empty(again.Dropped);
        Assert.Equal(BackboneHash, Hash(folder.File("two.pth")));
    }

    [Fact]
    public void Half_precision_stays_as_it_is_stored_and_is_converted_when_it_is_loaded()
    {
        using var folder = new TempFolder();
        ExtractionReport report = BackboneExtractor.Extract(Sample("simclr_r18w16_fashion_fp16.pth"), folder.File("half.pth"));
        Assert.Equal(["100 float16", "20 int64"], report.Types);
        using Checkpoint half = Checkpoint.Open(folder.File("half.pth"));
        using Checkpoint full = Checkpoint.Open(Sample("simclr_r18w16_fashion.pth"));
        Dictionary<string, CheckpointTensor> wanted = BackboneTensors.Find(full).Kept.ToDictionary(k => k.Name, k => k.Tensor);
        foreach (BackboneTensor tensor in BackboneTensors.Find(half).Kept)
        {
            float[] a = new float[tensor.Tensor.Count], b = new float[tensor.Tensor.Count];
            tensor.Tensor.CopyToFloat32(a);
            wanted[tensor.Name].CopyToFloat32(b);
            Assert.Equal(b.Select(v => tensor.Tensor.DType == DType.Float16 ? (float)(Half)v : v), a);
        }
    }

    [Fact]
    public async Task The_report_and_the_meta_tell_what_was_done()
    {
        using var folder = new TempFolder();
        string model = folder.File("model.pth");
        ExtractionReport report = BackboneExtractor.Extract(Sample("simclr_r18w16_fashion.pth"), model);
        Assert.Equal(
            [
                "Layout: state_dict with prefix 'backbone.'",
                "Kept: 120 tensors (100 float32, 20 int64), 700,880 parameters",
                "Renamed: 'backbone.' was taken off every name (backbone.conv1.weight is now conv1.weight)",
                "Dropped: 12 entries of neck.",
                "Dropped: 1 entry of head.",
                $"Written: {model}",
            ],
            report.Lines);
        string meta = await Python.Run("import sys, torch; d = torch.load(sys.argv[1]); print(list(d), d['meta'])", model);
        Assert.Equal(
            "['state_dict', 'meta'] {'source': 'simclr_r18w16_fashion.pth', 'source_sha256': '3aa471dbd730ae6e26920a1b1bfb965340ae6604ebdaa94ed0549f7112ae880e', \"layout\": \"state_dict with prefix 'backbone.'\", 'epoch': 12}"
                .Replace("\"layout\"", "'layout'", StringComparison.Ordinal),
            meta);
    }

    [Theory]
    [InlineData("root_tensor.pth", CheckpointFault.NoBackbone, "a single tensor")]
    [InlineData("root_list.pth", CheckpointFault.NoBackbone, "no dictionary")]
    [InlineData("prefix_collision.pth", CheckpointFault.Ambiguous, "'module.x' and 'x' are the same name")]
    [InlineData("dino_teacher_student.pth", CheckpointFault.NoBackbone, "student, teacher, optimizer")]
    [InlineData("protocol4.pth", CheckpointFault.NoBackbone, "the prefixes in it are: p4.")]
    public void A_file_without_a_backbone_that_can_be_told_is_refused(string name, CheckpointFault fault, string words)
    {
        using Checkpoint checkpoint = Checkpoint.Open(Fixtures.Path("checkpoints", name));
        CheckpointException refusal = Assert.Throws<CheckpointException>(() => BackboneTensors.Find(checkpoint));
        Assert.Equal(fault, refusal.Fault);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mm_zip.pth", "backbone.", 7)]
    [InlineData("moco_module_prefix_legacy.pth.tar", "module.encoder_q.", 7)]
    [InlineData("lightning.ckpt", "encoder.", 7)]
    [InlineData("numpy_inside.pth", "encoder.", 7)]
    [InlineData("cuda_storages.pth", "module.", 7)]
    [InlineData("bare_state_dict.pth", "", 6)]
    public void The_fixtures_of_each_layout_give_their_backbone(string name, string prefix, int tensors)
    {
        using Checkpoint checkpoint = Checkpoint.Open(Fixtures.Path("checkpoints", name));
        BackboneTensors backbone = BackboneTensors.Find(checkpoint);
        Assert.Equal(prefix, backbone.Prefix);
        Assert.Equal(tensors, backbone.Kept.Count);
        Assert.Contains(backbone.Kept, k => k.Name == "conv1.weight");
    }

    [Fact]
    public void Two_different_networks_are_ambiguous_and_two_names_of_one_network_are_not()
    {
        using var folder = new TempFolder();
        TensorToSave one = TensorToSave.Float32([2], new float[] { 1, 2 });
        CheckpointWriter.Write(folder.File("two.pth"), new OrderedDictionary<string, object?> { ["backbone.conv1.weight"] = one, ["encoder_q.0.conv1.weight"] = one, ["encoder_q.1.fc0.weight"] = one });
        using Checkpoint two = Checkpoint.Open(folder.File("two.pth"));
        CheckpointException refusal = Assert.Throws<CheckpointException>(() => BackboneTensors.Find(two));
        Assert.Equal(CheckpointFault.Ambiguous, refusal.Fault);
        Assert.Contains("different networks under 'backbone.' and 'encoder_q.0.'; the prefixes in it are: backbone. (1), encoder_q. (2)", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_network_under_two_names_is_taken_once()
    {
        using var folder = new TempFolder();
        await Python.Run("import sys, torch; w = torch.ones(2); torch.save({'state_dict': {'backbone.conv1.weight': w, 'encoder_q.0.conv1.weight': w, 'encoder_q.1.fc0.weight': torch.zeros(2)}}, sys.argv[1])", folder.File("a.pth"));
        using Checkpoint checkpoint = Checkpoint.Open(folder.File("a.pth"));
        BackboneTensors backbone = BackboneTensors.Find(checkpoint);
        Assert.Equal("backbone.", backbone.Prefix);
        Assert.Equal("conv1.weight", Assert.Single(backbone.Kept).Name);
    }

    [Fact]
    public void Numbered_layers_of_a_sequence_are_refused_because_their_names_are_lost()
    {
        using var folder = new TempFolder();
        TensorToSave w = TensorToSave.Float32([1], new float[] { 1 });
        CheckpointWriter.Write(folder.File("a.pth"), new OrderedDictionary<string, object?> { ["encoder.0.weight"] = w, ["encoder.1.weight"] = w, ["encoder.4.0.conv1.weight"] = w });
        using Checkpoint checkpoint = Checkpoint.Open(folder.File("a.pth"));
        CheckpointException refusal = Assert.Throws<CheckpointException>(() => BackboneTensors.Find(checkpoint));
        Assert.Contains("numbers of layers", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_checkpoint_is_never_written_over_by_its_own_backbone()
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => BackboneExtractor.Extract(Sample("random_init_r18w16.pth"), Sample("../samples/random_init_r18w16.pth")));
        Assert.Contains("is the checkpoint itself", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_extraction_leaves_the_old_model_file()
    {
        using var folder = new TempFolder();
        string model = folder.File("model.pth");
        File.WriteAllText(model, "old");
        Assert.Throws<CheckpointException>(() => BackboneExtractor.Extract(Fixtures.Path("checkpoints", "bad_crc.pth"), model));
        Assert.Equal("old", File.ReadAllText(model));
        Assert.Equal([model], Directory.GetFiles(folder.Path));
    }

    private static string Sample(string name) => Path.Combine(Fixtures.Root, "..", "..", "samples", name);

    private static string Hash(string file)
    {
        using Checkpoint checkpoint = Checkpoint.Open(file);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (BackboneTensor tensor in BackboneTensors.Find(checkpoint).Kept.OrderBy(k => k.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(tensor.Name + "\0"));
            hash.AppendData(tensor.Tensor.ToArray());
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static async Task CheckAgainstPyTorch(string written, string reference)
    {
        string same = await Python.Run(
            """
            import sys, torch
            a, b = (torch.load(p, map_location='cpu')['state_dict'] for p in sys.argv[1:])
            print(list(a) == list(b) and all(a[k].dtype == b[k].dtype and torch.equal(a[k], b[k]) and a[k].is_contiguous() for k in b))
            """,
            written,
            reference);
        Assert.Equal("True", same);
    }
}
