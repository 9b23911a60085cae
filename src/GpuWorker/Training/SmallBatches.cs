using ClusterBench.Configs;
using ClusterBench.GpuWorker.Features;
using ClusterBench.GpuWorker.Images;
using ClusterBench.GpuWorker.Models;
using ClusterBench.Training;

namespace ClusterBench.GpuWorker.Training;

/// <summary>Finds before the first step a batch that batch norm cannot train on: one image whose last map is a single position.</summary>
internal static class SmallBatches
{
    /// <exception cref="UserErrorException">There is such a batch; the remedies are named.</exception>
    public static void Check(TrainingPlan plan, ImageSize size)
    {
        var (backbone, training) = (plan.Config.Backbone, plan.Training);
        var smallest = plan.Sampler.BatchSizeAt(plan.StepsPerEpoch - 1);
        if (training.FrozenBackbone || smallest > 1)
            return;
        var map = LastMap(backbone, ClassifierNetwork.FeatureOf(backbone, training.Head), size);
        if (map.Pixels == 1)
            throw new UserErrorException(
                $"The epoch's last batch has 1 image for each of the {training.VirtualRanks} virtual ranks, and at {size} pixels the last layer gives one value per channel: batch norm "
                + "has nothing to normalise. Set data.drop_last: true, or change data.imgs_per_gpu, virtual_ranks or the size of the images.");
    }

    // Every stride of 2 (stem and max-pool of the large form, layer2..layer4) rounds up.
    private static ImageSize LastMap(Configs.BackboneConfig backbone, FeatureColumn feature, ImageSize size)
    {
        var halvings = Math.Max(0, feature.Index - 1) + (ResNetShape.Of(backbone).IsCifar ? 0 : feature.Index > 0 ? 2 : 1);
        for (var i = 0; i < halvings; i++)
            size = new ImageSize((size.Width + 1) / 2, (size.Height + 1) / 2);
        return size;
    }
}
