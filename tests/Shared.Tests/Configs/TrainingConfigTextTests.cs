using ClusterBench.Configs;
using static ClusterBench.Tests.Configs.BenchmarkConfigs;

namespace ClusterBench.Tests.Configs;

public sealed class TrainingConfigTextTests
{
    private const string Canonical = """
        # A run's resolved configuration. The run's hash covers this text: another text is another run.
        benchmark: finetune
        model:
          type: Classification
          backbone:
            type: ResNet_CIFAR
            depth: 18
            in_channels: 3
            stem_channels: 16
            base_channels: 16
            style: pytorch
            frozen_stages: -1
          head:
            type: ClsHead
            feature: feat4
            num_classes: 10
            init_cfg: {type: Normal, layer: Linear, std: 0.01}
            loss: {type: LabelSmoothLoss, label_smooth_val: 0.1}
        virtual_ranks: 4
        data:
          imgs_per_gpu: 16
          drop_last: true
          train:
            data_source:
              type: ImageNet
              list_file: "/d/train.txt"
              root: "/d"
            pipeline:
            - {type: RandomCrop, size: [32, 32], padding: 4, padding_mode: constant}
            - {type: RandomHorizontalFlip, p: 0.5}
            - {type: ToTensor}
          val:
            data_source:
              type: ImageNet
              list_file: "/d/val.txt"
              root: "/d"
            pipeline:
            - {type: ToTensor}
        pool: gap
        optimizer:
          type: SGD
          lr: 0.05
          momentum: 0.9
          weight_decay: 0.0005
          dampening: 0.0
          nesterov: true
          paramwise_options:
            "(bn|ln|gn)(\\d+)?.(weight|bias)": {weight_decay: 0.0}
            "\\Ahead.": {lr_mult: 10.0, momentum: 0.8}
        lr_config:
          policy: CosineAnnealing
          by_epoch: false
          min_lr: 0.0
          warmup: linear
          warmup_iters: 5
          warmup_ratio: 0.0001
          warmup_by_epoch: true
        runner:
          type: EpochBasedRunner
          max_epochs: 10
        evaluation:
          interval: 1
          imgs_per_gpu: 100
        checkpoint_config:
          interval: 5
          max_keep_ckpts: 1
        log_config:
          interval: 8
        threads: 1
        precision: fp32
        reduction: exact
        device: cpu
        seed: 0
        allow_partial: false

        """;

    private static readonly RunConfig Sample = Of(Finetune, "data.drop_last=true", "model.head.feature=feat4", "model.head.loss={type: LabelSmoothLoss, label_smooth_val: 0.1}", "optimizer.nesterov=true",
        "optimizer.paramwise_options={'(bn|ln|gn)(\\d+)?.(weight|bias)': {weight_decay: 0.0}, '\\Ahead.': {lr_mult: 10, momentum: 0.8}}",
        "lr_config={_delete_: true, policy: CosineAnnealing, min_lr: 0, by_epoch: false, warmup: linear, warmup_iters: 5, warmup_ratio: 1e-4, warmup_by_epoch: true}",
        "data.train.data_source={type: ImageNet, list_file: /d/train.txt, root: /d}", "data.val.data_source={type: ImageNet, list_file: /d/val.txt, root: /d}",
        "data.train.pipeline=[{type: RandomCrop, size: 32, padding: 4}, {type: RandomHorizontalFlip}, {type: ToTensor}]", "data.val.pipeline=[{type: ToTensor}]");

    [Fact]
    public void The_text_is_fixed_since_hashes_of_finished_runs_depend_on_it() => Assert.Equal(Canonical, RunConfigText.Write(Sample));

    [Fact]
    public void A_text_reads_back_as_the_same_config()
    {
        foreach (var config in (RunConfig[])
        [
            Sample, Of(Linear), Of(Finetune), Of(ImageNet), Of(Linear, "use_fp16=true"), Of(Linear, "lr_config={_delete_: true, policy: step, step: 3, gamma: 0.2, min_lr: 1e-3}"),
            Of(Linear, "lr_config={_delete_: true, policy: poly, power: 0.9, min_lr: 1e-4, by_epoch: false}"), Of(Linear, "lr_config={_delete_: true, policy: fixed}"),
            Of(Linear, "lr_config={_delete_: true, policy: StepFixCosineAnnealing, min_lr_ratio: 0.01, warmup: exp, warmup_iters: 3}"),
            Of(Linear, "optimizer.paramwise_options={a: {lr: 0.5, decay_mult: 0.1}}", "model.head.init_cfg={type: Normal, std: 0.5}", "model.head.loss=null", "checkpoint_config=null", "log_config=null", "evaluation=null"),
        ])
        {
            var back = RunConfigText.Parse(RunConfigText.Write(config));
            Assert.Equivalent(config, back, strict: true);
            Assert.Equal(RunConfigText.Write(config), RunConfigText.Write(back));
        }
    }

    [Fact]
    public void Every_option_that_changes_a_number_changes_the_text()
    {
        string[] sets =
        [
            "virtual_ranks=2", "data.imgs_per_gpu=8", "data.drop_last=true", "runner.max_epochs=9", "model.head.feature=feat4", "model.head.num_classes=11",
            "model.head.init_cfg={type: Normal, std: 0.1}", "model.head.loss={type: LabelSmoothLoss, label_smooth_val: 0.2}", "optimizer.lr=0.06", "optimizer.momentum=0.8",
            "optimizer.weight_decay=0", "optimizer.nesterov=true", "optimizer.dampening=0.1", "optimizer.paramwise_options={a: {lr_mult: 2}}", "optimizer.paramwise_options={a: {lr_mult: 3}}",
            "optimizer.paramwise_options={a: {weight_decay: 0}}", "lr_config.min_lr=0.1", "lr_config.by_epoch=true", "lr_config={_delete_: true, policy: step, step: [3]}", "lr_config={_delete_: true, policy: step, step: 3}",
            "lr_config={_delete_: true, policy: step, step: [3], gamma: 0.3}", "lr_config={_delete_: true, policy: fixed, warmup: linear, warmup_iters: 3}", "lr_config={_delete_: true, policy: fixed, warmup: exp, warmup_iters: 3}",
            "lr_config={_delete_: true, policy: fixed, warmup: linear, warmup_iters: 4}", "lr_config={_delete_: true, policy: fixed, warmup: linear, warmup_iters: 3, warmup_by_epoch: true}",
            "lr_config={_delete_: true, policy: fixed, warmup: linear, warmup_iters: 3, warmup_ratio: 0.2}", "evaluation.imgs_per_gpu=50", "evaluation.interval=2", "reduction=fast",
            "data.train.pipeline.1.padding=2", "data.train.pipeline.2.p=0.4", "data.val.pipeline.0.padding=1", "model.backbone.depth=34", "use_fp16=true",
        ];
        var texts = sets.Select(set => RunConfigText.Write(Of(Finetune, set))).Append(RunConfigText.Write(Of(Finetune))).ToList();
        texts.AddRange(new[]
        {
            Request(Finetune) with { Seed = 1 }, Request(Finetune) with { Threads = 2 }, Request(Finetune) with { AllowPartial = true }, Request(Finetune) with { Device = "cuda" },
        }.Select(request => RunConfigText.Write(RunConfigBuilder.Build(request).Config)));
        Assert.Equal(texts.Count, texts.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("  max_epochs: 10\n", "", "runner.max_epochs: is missing")]
    [InlineData("  drop_last: true\n", "", "is no resolved config of a run: data is not as it was written")]
    [InlineData("reduction: exact\n", "", "is no resolved config of a run: reduction is not as it was written")]
    [InlineData("evaluation:\n  interval: 1\n  imgs_per_gpu: 100\n", "", "is no resolved config of a run: evaluation is not as it was written")]
    [InlineData("virtual_ranks: 4\n", "", "is no resolved config of a run: virtual_ranks is not as it was written")]
    [InlineData("  lr: 0.05\n", "  lr: quick\n", "optimizer.lr: must be a finite number, is the text 'quick'")]
    [InlineData("benchmark: finetune", "benchmark: linear", "model.backbone.frozen_stages: must be 4 (or left out), is -1")]
    [InlineData("precision: fp32", "precision: fp64", "precision: unknown precision 'fp64'; known: fp32, fp32 (config: fp16)")]
    [InlineData("seed: 0\n", "seed: 0\nknn: {k: [1]}\n", "knn: unknown key")]
    public void A_damaged_text_is_refused(string old, string changed, string error)
    {
        Assert.Contains(old, Canonical, StringComparison.Ordinal);
        var thrown = Assert.Throws<ConfigException>(() => RunConfigText.Parse(Canonical.Replace(old, changed, StringComparison.Ordinal)));
        Assert.Contains(error, thrown.Errors[0].ToString(), StringComparison.Ordinal);
    }
}
