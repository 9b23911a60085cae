using ClusterBench.Cli.Progress;
using ClusterBench.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace ClusterBench.Tests.Progress;

public sealed class ProgressTests
{
    [Fact]
    public void Plain_lines_come_per_tenth_per_phase_and_every_ten_seconds()
    {
        var output = new StringWriter();
        var time = new FakeTimeProvider();
        var progress = new PlainProgress(output, time);
        Api.RunView run = Views.Of("knn-1", "running") with { Progress = 0.11 };

        progress.Show(run);
        progress.Show(run with { Progress = 0.12 });
        progress.Show(run with { Progress = 0.21 });
        progress.Show(run with { Progress = 0.22, Phase = "merge and vote" });
        time.Advance(TimeSpan.FromSeconds(11));
        progress.Show(run with { Progress = 0.23, Phase = "merge and vote", Workers = ["w1"] });

        Assert.Equal(
            """
            knn-1: extract train 11 %, 3/6 shards, 0 workers
            knn-1: extract train 21 %, 3/6 shards, 0 workers
            knn-1: merge and vote 22 %, 3/6 shards, 0 workers
            knn-1: merge and vote 23 %, 3/6 shards, 1 worker

            """, output.ToString());
    }

    [Fact]
    public void Training_names_each_epoch_also_those_that_ended_between_two_looks()
    {
        var output = new StringWriter();
        var progress = new PlainProgress(output, new FakeTimeProvider());
        Api.RunView run = Views.Of("linear-1", "running") with
        {
            Phase = "train", Epoch = 3, Epochs = 20, Step = 70, Steps = 640, Loss = 0.51234, LearningRate = 0.1, ImagesPerSecond = 1234.4, Workers = ["w1", "w2"],
        };

        progress.Show(run with { Epoch = 1, Step = 0, Loss = null, LearningRate = null, ImagesPerSecond = null });
        progress.Show(run with { Epoch = 1, Step = 31 });
        progress.Show(run);
        progress.Show(run with { Step = 71, Progress = 0.9 });
        progress.Show(run with { Status = "waiting", Phase = "waiting for a worker", Workers = [] });
        progress.Show(run with { Status = "completed", Progress = 1, Epoch = 20, Step = 640, ShardsTotal = 0 });

        Assert.Equal(
            $"""
            linear-1: epoch 1/20, step 0/640, 2 workers
            linear-1: epoch 2/20
            linear-1: epoch 3/20, step 70/640, loss 0.5123, lr 0.1, 1,234 images/s, 2 workers
            linear-1: epoch 3/20, step 70/640, loss 0.5123, lr 0.1, 1,234 images/s, 0 workers (waiting for a worker)
            {string.Join('\n', Enumerable.Range(4, 17).Select(epoch => $"linear-1: epoch {epoch}/20"))}
            linear-1: completed 100 %

            """, output.ToString());
    }

    [Fact]
    public async Task Bars_show_the_run_and_keep_lines_above_and_respect_NO_COLOR()
    {
        using var cli = new CliHarness();
        cli.Environment["NO_COLOR"] = "1";
        var output = new StringWriter();

        int result = await ProgressViews.RunAsync(cli.Around(error: output) with { ErrorIsTerminal = true }, async progress =>
        {
            progress.Show(Views.Of("knn-1", "running"));
            progress.Say("worker-2 [was] started again");
            progress.Show(Views.Of("knn-1"));
            await Task.Yield();
            return 7;
        });

        Assert.Equal(7, result);
        Assert.Contains("knn-1  completed", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("worker-2 [was] started again", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[3", output.ToString(), StringComparison.Ordinal);
    }
}
