using ClusterBench.Configs;
using ClusterBench.Data;

namespace ClusterBench.Cli.Parts;

internal sealed class ConfigPart : IConfigs
{
    public ResolvedConfig Resolve(ConfigRequest request)
    {
        var built = RunConfigBuilder.Build(new RunConfigRequest
        {
            Benchmark = request.Benchmark, Config = request.Config, DatasetConfig = request.DatasetConfig, ProgramRoot = request.ProgramRoot,
            Sets = request.Set, DataRoot = request.DataRoot, Splits = request.Splits, K = request.K, Temperature = request.Temperature,
            Features = request.Features, Threads = request.Threads, Device = request.Device.Split(':')[0], Seed = request.Seed, AllowPartial = request.AllowPartial,
            FromScratch = request.FromScratch,
        });
        return new ResolvedConfig(built.Config, RunConfigText.Write(built.Config), built.WorkDir, built.Notes, built.Files);
    }

    public RunConfig Parse(string text) => RunConfigText.Parse(text);

    public string Hash(string configText, string checkpointSha256, IReadOnlyDictionary<string, string> listSha256, int seed) =>
        RunHash.Compute(configText, checkpointSha256, listSha256, seed);

    public ShownText Show(string config, string programRoot, IReadOnlyList<string> set, string format, bool raw)
    {
        var shown = ConfigShow.Render(config, format, raw, set, programRoot);
        return new ShownText(shown.Text, shown.Notes);
    }

    public IReadOnlyList<string> ReadList(string path) => [.. ListFile.Read(path).Select(e => e.Path)];
}
