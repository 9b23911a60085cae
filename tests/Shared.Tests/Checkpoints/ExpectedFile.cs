using System.Text.Json;

namespace ClusterBench.Tests.Checkpoints;

/// <summary>One entry of tests/fixtures/checkpoints/expected.json.</summary>
public sealed record ExpectedFile(string Name, JsonElement Json)
{
    private static readonly Lazy<IReadOnlyList<ExpectedFile>> Read = new(() =>
        [.. JsonDocument.Parse(File.ReadAllText(Fixtures.Path("checkpoints", "expected.json"))).RootElement.GetProperty("files").EnumerateObject().Select(f => new ExpectedFile(f.Name, f.Value))]);

    public static IReadOnlyList<ExpectedFile> All => Read.Value;

    public static TheoryData<string> Names(params string[] kinds) => [.. All.Where(f => kinds.Contains(f.Kind)).Select(f => f.Name)];

    public static ExpectedFile Of(string name) => All.Single(f => f.Name == name);

    public string Path => Fixtures.Path("checkpoints", Name);

    public string Kind => Json.GetProperty("kind").GetString()!;

    /// <summary>The reason for refusing, as checkpoints.md of the fixtures words it.</summary>
    public string? Why => Json.TryGetProperty("why", out JsonElement why) ? why.GetString() : null;

    public IEnumerable<JsonElement> Tensors => Json.TryGetProperty("tensors", out JsonElement tensors) ? tensors.EnumerateArray() : [];

    public IEnumerable<JsonProperty> Values => Json.TryGetProperty("values", out JsonElement values) ? values.EnumerateObject() : [];
}
