using ClusterBench.Configs;
using static ClusterBench.Tests.Configs.BenchmarkConfigs;

namespace ClusterBench.Tests.Configs;

public sealed class BenchmarkSchemaTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("optimizr={}", "optimizr: unknown key; did you mean 'optimizer'?")]
    [InlineData("model.head.feture=feat1", "model.head.feture: unknown key; did you mean 'feature'?")]
    [InlineData("optimizer.lrr=1", "optimizer.lrr: unknown key; did you mean 'lr'?")]
    [InlineData("optimizer.type=AdamW", "optimizer.type: the optimizer 'AdamW' is not built yet; supported: SGD")]
    [InlineData("optimizer.type=SDG", "optimizer.type: unknown optimizer 'SDG'; did you mean 'SGD'? known: SGD")]
    [InlineData("optimizer.lr=-1", "optimizer.lr: must be at least 0, is -1.0")]
    [InlineData("optimizer={_delete_: true, type: SGD, lr: 0.1, nesterov: true}", "optimizer.nesterov: needs a momentum above 0 and no dampening, as in PyTorch")]
    [InlineData("optimizer.paramwise_options={'(bn': {lr_mult: 1}}", "optimizer.paramwise_options.(bn: is not a regular expression: ")]
    [InlineData("optimizer.paramwise_options={bn: {lr_mult: 1, lr: 2}}", "optimizer.paramwise_options.bn.lr_mult: multiplies the base rate, but lr replaces it; keep one")]
    [InlineData("optimizer.paramwise_options={bn: 0.0}", "optimizer.paramwise_options.bn: must be a mapping, is the number 0.0")]
    [InlineData("optimizer_config={update_interval: 2}", "optimizer_config.update_interval: must be 1, is 2: gathering the gradients of 2 batches for one step is not built yet.")]
    [InlineData("optimizer_config={grad_clip: {max_norm: 5.0}}", "optimizer_config.grad_clip: must be left out: clipping gradients is not built yet")]
    [InlineData("lr_config={_delete_: true, policy: cyclic}", "lr_config.policy: the policy 'cyclic' is not built yet; supported: step, Step, CosineAnnealing")]
    [InlineData("lr_config={_delete_: true, policy: CosineAnealing}", "lr_config.policy: unknown policy 'CosineAnealing'; did you mean 'CosineAnnealing'?")]
    [InlineData("lr_config={_delete_: true, policy: CosineAnnealing}", "lr_config.min_lr: is missing: where does the rate end?")]
    [InlineData("lr_config={_delete_: true, policy: CosineAnnealing, min_lr: 0, min_lr_ratio: 0.1}", "lr_config.min_lr: and min_lr_ratio both say where the rate ends; keep one")]
    [InlineData("lr_config.step=[16, 12]", "lr_config.step: must rise, is [16, 12]")]
    [InlineData("lr_config.warmup=linear", "lr_config.warmup_iters: is missing")]
    [InlineData("lr_config={_delete_: true, policy: fixed, warmup: linear, warmup_iters: 5, warmup_ratio: 2}", "lr_config.warmup_ratio: must be above 0 and at most 1, is 2.0")]
    [InlineData("lr_config={_delete_: true, policy: fixed, step: [1]}", "lr_config.step: unknown key; known: ")]
    [InlineData("runner.type=IterBasedRunner", "runner.type: the runner 'IterBasedRunner' is not built yet; supported: EpochBasedRunner")]
    [InlineData("runner.max_epochs=0", "runner.max_epochs: must be from 1 to 1000000, is 0")]
    [InlineData("evaluation.eval_param={topk: [1]}", "evaluation.eval_param.topk: must be [1, 5], is [1]")]
    [InlineData("checkpoint_config.max_keep_ckpts=0", "checkpoint_config.max_keep_ckpts: must be at least 1, or -1 for all")]
    [InlineData("log_config.hooks=[{type: TextLogerHook}]", "log_config.hooks.0.type: unknown log hook 'TextLogerHook'; did you mean 'TextLoggerHook'?")]
    [InlineData("model.type=MixUpClassification", "model.type: the model 'MixUpClassification' is not built yet; supported: Classification")]
    [InlineData("model.train_cfg={augments: [{type: BatchMixup}]}", "model.train_cfg: must be left out: mixing images (mixup, cutmix) is not built yet")]
    [InlineData("model.head.type=MultiClsHead", "model.head.type: the head 'MultiClsHead' is not built yet; supported: ClsHead")]
    [InlineData("model.head.in_channels=512", "model.head.in_channels: must be 128, is 512: so many channels has feat5 of this ResNet_CIFAR-18")]
    [InlineData("model.head.num_classes=1", "model.head.num_classes: must be from 2 to 1000000, is 1")]
    [InlineData("model.head.feature=layer4", "model.head.feature: unknown feature 'layer4'; known: feat1, feat2, feat3, feat4, feat5")]
    [InlineData("model.head.with_avg_pool=false", "model.head.with_avg_pool: must be true: the head reads the global average of a feature")]
    [InlineData("model.head.loss={type: CrossEntropyLoss, label_smooth_val: 0.1}", "model.head.loss.label_smooth_val: must be left out: it belongs to LabelSmoothLoss")]
    [InlineData("model.head.loss={type: LabelSmoothLoss, label_smooth_val: 0.1, num_classes: 1000}", "model.head.loss.num_classes: must be 10 as in model.head, is 1000")]
    [InlineData("model.head.init_cfg=[{type: TruncNormal, layer: Linear, std: 0.02}]", "model.head.init_cfg.type: the initialization 'TruncNormal' is not built yet; supported: Normal")]
    [InlineData("data.train.data_source={type: CIFAR10, root: data/cifar10}", "data.train.data_source.type: the data source 'CIFAR10' is not built yet; supported: ImageNet, ImageList")]
    [InlineData("custom_hooks=[{type: EMAHook}]", "custom_hooks: must be left out: hooks that change training (EMAHook and the like) are not built yet")]
    [InlineData("sampler=RepeatAugSampler", "sampler: must be left out: another order of samples")]
    [InlineData("load_from=x.pth", "load_from: must be left out: PRETRAIN of the command names the checkpoint")]
    [InlineData("seed=3", "seed: must be left out: the seed is an option of the command: --seed S")]
    [InlineData("pool=specified", "pool: unknown pool for linear and finetune 'specified'")]
    [InlineData("virtual_ranks=0", "virtual_ranks: must be from 1 to 4096, is 0")]
    public void What_is_wrong_or_not_built_is_said(string set, string error)
    {
        Assert.StartsWith(error, Assert.Single(Errors(Request(Linear, set))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.backbone.frozen_stages=4", "model.backbone.frozen_stages: must be -1, is 4: nothing but the head would be trained; 'clusterbench linear' does that")]
    [InlineData("model.backbone.frozen_stages=2", "model.backbone.frozen_stages: must be -1, is 2: freezing a part of the backbone is not built yet")]
    [InlineData("model.backbone.norm_cfg.type=SyncBN", "model.backbone.norm_cfg.type: SyncBN in a network that is trained is not built yet; supported: BN")]
    [InlineData("model.backbone.norm_eval=true", "model.backbone.norm_eval: must be false")]
    [InlineData("model.backbone.drop_path_rate=0.1", "model.backbone.drop_path_rate: must be 0")]
    [InlineData("model.backbone.norm_cfg.momentum=0.01", "model.backbone.norm_cfg.momentum: must be 0.1, is the number 0.01")]
    public void What_a_frozen_backbone_ignores_matters_where_it_is_trained(string set, string error)
    {
        Assert.StartsWith(error, Assert.Single(Errors(Request(Finetune, set))), StringComparison.Ordinal);
        if (!set.Contains("frozen", StringComparison.Ordinal))
        {
            Assert.True(Of(Linear, set).Training!.FrozenBackbone);
        }
    }

    [Fact]
    public void Linear_freezes_and_refuses_a_config_that_says_otherwise()
    {
        Assert.True(Of(Linear, "model.backbone.frozen_stages=null").Training!.FrozenBackbone);
        Assert.StartsWith("model.backbone.frozen_stages: must be 4 (or left out), is -1: linear freezes the whole backbone",
            Assert.Single(Errors(Request(Linear, "model.backbone.frozen_stages=-1"))), StringComparison.Ordinal);
        Assert.False(Of(Finetune, "model.backbone.frozen_stages=null").Training!.FrozenBackbone);
    }

    [Fact]
    public void Residual_branches_begin_with_0_only_where_nothing_is_loaded()
    {
        var request = Request(Finetune, "model.backbone.zero_init_residual=false");
        Assert.NotNull(RunConfigBuilder.Build(request).Config.Training);
        Assert.StartsWith("model.backbone.zero_init_residual: must be true", Assert.Single(Errors(request with { FromScratch = true })), StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_of_a_config_come_at_once_with_their_places()
    {
        var text = File.ReadAllText(Path.Combine(ConfigFolder.ProgramRoot, Linear))
            .Replace("max_epochs: 20", "max_epoch: 20", StringComparison.Ordinal)
            .Replace("num_classes: 10", "num_classes: ten", StringComparison.Ordinal)
            .Replace("policy: step", "policy: steep", StringComparison.Ordinal);
        var path = _folder.Write("wrong.yaml", text);
        var lines = _folder.Errors(() => RunConfigBuilder.Build(Request(path)));
        Assert.Equal(5, lines.Length);
        Assert.Matches(@"^wrong\.yaml:\d+:\d+  model\.head\.num_classes: must be a whole number, is the text 'ten'$", lines[0]);
        Assert.Matches(@"^wrong\.yaml:\d+:\d+  lr_config\.policy: unknown policy 'steep'; did you mean 'step'\?", lines[1]);
        Assert.Matches(@"^wrong\.yaml:\d+:\d+  runner\.max_epochs: is missing$", lines[2]);
        Assert.Matches(@"^wrong\.yaml:\d+:\d+  runner\.max_epoch: unknown key; did you mean 'max_epochs'\?$", lines[3]);
        Assert.Equal("4 errors in the config; nothing was started.", lines[4]);
    }

    [Theory]
    [InlineData("r50_linear_sz224_4xb64_step_ep100.py", 4, 64)]
    [InlineData("resnet50_linear-8xb32-steplr-100e_in1k.py", 8, 32)]
    [InlineData("imagenet_sz224_4xbs64.yaml", 4, 64)]
    [InlineData("dir/2xb8.yaml", 2, 8)]
    public void A_name_says_how_many_GPUs_and_images_there_are(string path, int ranks, int images) => Assert.Equal(new BatchName(ranks, images), BatchName.Of(path));

    [Theory]
    [InlineData("r18_sz32_bs100_cos_ep200.py")]
    [InlineData("0xb64.yaml")]
    [InlineData("4xb64x.yaml")]
    [InlineData("4xb64/linear.yaml")]
    public void Another_name_says_nothing(string path) => Assert.Null(BatchName.Of(path));
}
