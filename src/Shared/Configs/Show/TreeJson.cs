using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClusterBench.Configs;

/// <summary>Writes a tree as JSON; a float keeps its point (<c>30.0</c>), so that readers see the same types.</summary>
internal static class TreeJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(ConfigMap tree)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            Node(tree, json);
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Node(ConfigNode node, Utf8JsonWriter json)
    {
        switch (node)
        {
            case ConfigMap map:
                json.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    json.WritePropertyName(entry.Key);
                    Node(entry.Value, json);
                }
                json.WriteEndObject();
                break;
            case ConfigList list:
                json.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Node(item, json);
                }
                json.WriteEndArray();
                break;
            case ConfigScalar scalar:
                Scalar(scalar.Value, json);
                break;
        }
    }

    private static void Scalar(object? value, Utf8JsonWriter json)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool b:
                json.WriteBooleanValue(b);
                break;
            case long n:
                json.WriteNumberValue(n);
                break;
            case double d when double.IsFinite(d):
                json.WriteRawValue(ConfigNumbers.Text(d));
                break;
            case double d:
                // JSON has no such number: the YAML word for it is as near as text comes.
                json.WriteStringValue(ConfigNumbers.Text(d));
                break;
            default:
                json.WriteStringValue((string)value);
                break;
        }
    }
}
