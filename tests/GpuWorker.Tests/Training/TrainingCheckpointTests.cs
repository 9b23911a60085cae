using System.Diagnostics;
using System.Text.Json;
using ClusterBench.Files;
using ClusterBench.GpuWorker.Models;
using ClusterBench.GpuWorker.Numerics;
using ClusterBench.GpuWorker.Training;
using ClusterBench.Tests.Models;
using ClusterBench.Tests.Numerics;
using static TorchSharp.torch;

namespace ClusterBench.Tests.Training;

[Collection(nameof(RunsAlone))]
public sealed class TrainingCheckpointTests : IDisposable
{
    // The network of the samples in the judge's own words; the state dict's names must be all of its names and no other.
    private const string Judge = """
        import sys, json, torch, torch.nn as nn, torch.nn.functional as F
        class Block(nn.Module):
            def __init__(s, i, o, stride):
                super().__init__()
                s.conv1, s.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
                s.conv2, s.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
                if stride != 1: s.downsample = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))
            def forward(s, x):
                y = s.bn2(s.conv2(F.relu(s.bn1(s.conv1(x)))))
                return F.relu(y + (s.downsample(x) if hasattr(s, 'downsample') else x))
        class Backbone(nn.Module):
            def __init__(s):
                super().__init__()
                s.conv1, s.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
                for l, (i, o) in enumerate([(16, 16), (16, 32), (32, 64), (64, 128)]):
                    setattr(s, f'layer{l + 1}', nn.Sequential(Block(i, o, 1 if l == 0 else 2), Block(o, o, 1)))
            def forward(s, x):
                x = F.relu(s.bn1(s.conv1(x)))
                for l in range(1, 5): x = getattr(s, f'layer{l}')(x)
                return x.mean((2, 3))
        class Head(nn.Module):
            def __init__(s): super().__init__(); s.fc = nn.Linear(128, 10)
            def forward(s, x): return s.fc(x)
        class Model(nn.Module):
            def __init__(s): super().__init__(); s.backbone, s.head = Backbone(), Head()
            def forward(s, x): return s.head(s.backbone(x))
        file = torch.load(sys.argv[1], map_location='cpu')
        model = Model().eval(); model.load_state_dict(file['state_dict'], strict=True)
        x = ((torch.arange(8 * 3 * 32 * 32) % 251).float() / 251 - 0.5).reshape(8, 3, 32, 32)
        with torch.no_grad(): logits = model(x)
        sgd = torch.optim.SGD([{'params': [p]} for p in model.parameters()], lr=1.0); sgd.load_state_dict(file['optimizer'])
        momentum = [float(sgd.state[p]['momentum_buffer'].double().abs().sum()) for p in model.parameters()]
        print(json.dumps([logits.flatten().tolist(), file['meta'], momentum, [g['lr'] for g in sgd.param_groups], [g['weight_decay'] for g in sgd.param_groups]]))
        """;

    private readonly Tasks.TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PyTorch_loads_it_with_strict_names_and_computes_the_same_logits()
    {
        using var session = FewSteps.Finetune();
        Gang.Train(session, stopAfter: 4);
        var path = _folder.File("epoch.pth");
        TrainingCheckpoint.Write(path, session.State, session.Plan, "0123abcd");
        using var answer = JsonDocument.Parse(await Python(Judge, path));

        using (var scope = NewDisposeScope())
        {
            using var replica = new ModelReplica(session.State.Weights);
            using var network = new ClassifierNetwork(replica, session.Plan.Config.Backbone, session.Plan.Training.Head);
            using var off = no_grad();
            var images = empty(8, 3, 32, 32);
            foreach (var (i, _) in images.Floats().ToArray().Index())
                images.Floats()[i] = i % 251 / 251f - 0.5f;
            Assert.InRange(ModelFixture.Relative(network.Forward(images.ChannelsLast()).Floats(), ModelFixture.Floats(answer.RootElement[0])), 0, 1e-5);
        }
        var meta = answer.RootElement[1];
        Assert.Equal((1, 1, 4L, "0123abcd", 0), (meta.GetProperty("epoch").GetInt32(), meta.GetProperty("iter").GetInt32(), meta.GetProperty("step").GetInt64(), meta.GetProperty("config_hash").GetString(), meta.GetProperty("seed").GetInt32()));
        var momentum = answer.RootElement[2].EnumerateArray().Select(value => value.GetDouble()).ToArray();
        Assert.Equal(session.State.Momentum.Floats().ToArray().Sum(value => (double)Math.Abs(value)), momentum.Sum(), 1e-6);
        Assert.All(momentum, value => Assert.True(value > 0));
        Assert.All(answer.RootElement[3].EnumerateArray(), rate => Assert.Equal(session.Plan.Schedule.RateAt(4, 0.05), rate.GetDouble()));
        Assert.All(answer.RootElement[4].EnumerateArray(), decay => Assert.Equal(5e-4, decay.GetDouble()));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void What_is_read_back_is_the_state_that_was_written_and_gives_the_same_file(bool frozen)
    {
        using var session = frozen ? FewSteps.Linear() : FewSteps.Finetune();
        using var other = frozen ? FewSteps.Linear() : FewSteps.Finetune();
        Gang.Train(session, stopAfter: 2);
        foreach (var step in new[] { 0L, 2L })
        {
            var (source, path) = (step == 0 ? other : session, _folder.File($"{step}.pth"));
            var written = TrainingCheckpoint.Write(path, source.State, source.Plan, "hash");
            Assert.Equal((step, FileHash.Sha256(path), new FileInfo(path).Length), (written.Step, written.Sha256, written.Bytes));
            using var fresh = frozen ? FewSteps.Linear() : FewSteps.Finetune();
            Gang.Train(fresh, stopAfter: 1);
            TrainingCheckpoint.Read(path, fresh.State, fresh.Plan, "hash", written.Sha256);
            Assert.Equal(source.State.Digest(), fresh.State.Digest());
            Assert.Equal(written.Sha256, TrainingCheckpoint.Write(_folder.File("again.pth"), fresh.State, fresh.Plan, "hash").Sha256);
        }
    }

    [Fact]
    public void A_damaged_file_or_another_runs_is_refused_with_its_reason_and_leaves_the_state_alone()
    {
        using var session = FewSteps.Finetune();
        Gang.Train(session, stopAfter: 2);
        var path = _folder.File("step.pth");
        var written = TrainingCheckpoint.Write(path, session.State, session.Plan, "hash");
        var whole = File.ReadAllBytes(path);
        var digest = session.State.Digest();

        Assert.Contains("belongs to another run", Refusal(path, "other", null).Message, StringComparison.Ordinal);
        Assert.Contains("there is no such file", Refusal(_folder.File("none.pth"), "hash", written.Sha256).Message, StringComparison.Ordinal);
        var flipped = whole.ToArray();
        flipped[whole.Length / 2] ^= 1;
        File.WriteAllBytes(path, flipped);
        Assert.Contains("the file is damaged", Refusal(path, "hash", written.Sha256).Message, StringComparison.Ordinal);
        Assert.Contains("damaged", Refusal(path, "hash", null).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, whole[..^1000]);
        Assert.Contains(path, Refusal(path, "hash", null).Message, StringComparison.Ordinal);
        Assert.Equal(digest, session.State.Digest());

        UserErrorException Refusal(string file, string hash, string? sha256) =>
            Assert.ThrowsAny<UserErrorException>(() => TrainingCheckpoint.Read(file, session.State, session.Plan, hash, sha256));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_an_error_that_names_the_file()
    {
        using var session = FewSteps.Linear();
        var path = Path.Combine(_folder.Path, "none", "a.pth");
        Assert.Contains(path, Assert.Throws<UserErrorException>(() => TrainingCheckpoint.Write(path, session.State, session.Plan, "hash")).Message, StringComparison.Ordinal);
    }

    private static async Task<string> Python(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }
}
