using ClusterBench.GpuWorker.Models;
using ClusterBench.Tests.Numerics;

namespace ClusterBench.Tests.Training;

[Collection(nameof(RunsAlone))]
public sealed class FrozenBackboneTests
{
    [Fact]
    public void A_frozen_backbone_stays_as_it_is_to_the_bit_and_only_the_head_is_trained()
    {
        using var session = FewSteps.Linear();
        var weights = session.State.Weights;
        var before = weights.Layout.Entries.ToDictionary(entry => entry.Name, entry => Bytes(weights, entry), StringComparer.Ordinal);
        var (_, seen) = Gang.Train(session);
        Assert.Equal(FewSteps.Steps, session.State.Step);
        foreach (var entry in weights.Layout.Entries)
            Assert.Equal(entry.Name.StartsWith("backbone.", StringComparison.Ordinal), before[entry.Name].SequenceEqual(Bytes(weights, entry)));
        // 10 x 128 weights and 10 biases with their padding; nothing is kept for the backbone.
        Assert.Equal(1280 + 16, session.State.Momentum.numel());
        Assert.Equal(["head.fc.weight", "head.fc.bias"], session.State.Groups.Options.Keys);
        Assert.True(seen.Steps[^1].Loss < seen.Steps[0].Loss);
    }

    [Fact]
    public void Any_number_of_tokens_gives_the_same_bits()
    {
        string[] digests = [.. new[] { 1, 4 }.Select(cores =>
        {
            using var session = FewSteps.Linear(cores);
            Gang.Train(session);
            return session.State.Digest();
        })];
        Assert.Single(digests.Distinct());
    }

    private static byte[] Bytes(ModelWeights weights, LayoutEntry entry) => entry.Role == TensorRole.Counter
        ? BitConverter.GetBytes(weights.Counter(entry))
        : System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.Floats(entry)).ToArray();
}
