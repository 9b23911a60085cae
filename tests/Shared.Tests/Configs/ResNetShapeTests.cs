using ClusterBench.Configs;

namespace ClusterBench.Tests.Configs;

public sealed class ResNetShapeTests
{
    [Theory]
    [InlineData(18, 64, 64, 64, 64, 128, 256, 512)]
    [InlineData(34, 64, 64, 64, 64, 128, 256, 512)]
    [InlineData(50, 64, 64, 64, 256, 512, 1024, 2048)]
    [InlineData(152, 64, 64, 64, 256, 512, 1024, 2048)]
    [InlineData(18, 16, 16, 16, 16, 32, 64, 128)]
    [InlineData(101, 32, 48, 32, 192, 384, 768, 1536)]
    public void Stem_and_stages_have_their_widths_in_order(int depth, int stem, int width, params int[] widths)
    {
        var actual = ResNetShape.Of(new BackboneConfig { Type = "ResNet", Depth = depth, StemChannels = stem, BaseChannels = width }).FeatureWidths;
        Assert.Equal(["feat1", "feat2", "feat3", "feat4", "feat5"], actual.Keys);
        Assert.Equal(widths, actual.Values);
    }
}
