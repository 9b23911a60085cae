using System.Globalization;
using System.Text.Json;
using ClusterBench.Configs;
using ClusterBench.GpuWorker.Models;

namespace ClusterBench.GpuWorker;

/// <summary><c>model show</c>: every parameter and buffer of a backbone, as the command line asks for it on standard input.</summary>
internal static class ModelShow
{
    /// <param name="configText">The text of a resolved run config.</param>
    /// <param name="json">One JSON object instead of a table.</param>
    public static string Render(string configText, bool json)
    {
        var backbone = RunConfigText.Parse(configText).Backbone;
        var tensors = ModelSummary.Of(backbone);
        if (json)
        {
            using var memory = new MemoryStream();
            using (var writer = new Utf8JsonWriter(memory))
            {
                writer.WriteStartObject();
                writer.WriteStartArray("parameters");
                foreach (var tensor in tensors)
                {
                    writer.WriteStartObject();
                    writer.WriteString("name", tensor.Name);
                    writer.WriteStartArray("shape");
                    foreach (var size in tensor.Shape)
                    {
                        writer.WriteNumberValue(size);
                    }

                    writer.WriteEndArray();
                    writer.WriteString("dtype", tensor.DType);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            return System.Text.Encoding.UTF8.GetString(memory.ToArray());
        }

        var width = tensors.Max(t => t.Name.Length);
        var lines = tensors.Select(t => $"{t.Name.PadRight(width)}  {t.DType,-8} [{string.Join(", ", t.Shape)}]");
        var parameters = tensors.Where(t => t.IsParameter).ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join('\n', lines)}\n{backbone.Type}-{backbone.Depth}: {parameters.Count} parameters of {parameters.Sum(p => p.Count):N0} numbers, {tensors.Count - parameters.Count} buffers");
    }
}
