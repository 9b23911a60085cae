using System.Text.Json;
using System.Text.Json.Serialization;
using ClusterBench.Files;

namespace ClusterBench.Coordinator.Membership;

/// <summary>A member as <c>members.json</c> keeps it.</summary>
/// <param name="Address">Akka address, e.g. <c>akka.tcp://clusterbench@127.0.0.1:4711</c>.</param>
/// <param name="Uid">Tells two ActorSystems at one address apart.</param>
/// <param name="Role">coordinator or worker.</param>
/// <param name="Worker">The worker's id; null for the coordinator.</param>
public sealed record KnownMember(string Address, long Uid, string Role, string? Worker);

/// <summary>
/// <c>members.json</c> beside the journal: whom a coordinator that starts again has to look for. It helps to find the living
/// quickly and decides nothing else, so a damaged file counts as an empty one.
/// </summary>
public sealed class MembersFile
{
    /// <param name="journalFile">The journal beside which the list lies.</param>
    public MembersFile(string journalFile) =>
        Path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(journalFile))!, "members.json");

    public string Path { get; }

    /// <summary>The list as last written; empty when there is none.</summary>
    /// <param name="note">Told what is wrong with a file that cannot be used.</param>
    public IReadOnlyList<KnownMember> Read(Action<string> note)
    {
        ArgumentNullException.ThrowIfNull(note);
        try
        {
            using var file = File.OpenRead(Path);
            var members = JsonSerializer.Deserialize(file, MembersJson.Default.ListKnownMember) ?? [];
            return members.TrueForAll(static m => m is { Address: not null, Role: not null })
                ? members
                : throw new JsonException("an entry without address or role");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            note($"{Path} cannot be used ({e.Message}); starting as if nobody were known. Workers that live find this coordinator by its URL.");
            return [];
        }
    }

    /// <summary>Replaces the list; a reader sees the old one or the new one.</summary>
    public void Write(IReadOnlyList<KnownMember> members) =>
        AtomicFile.Write(Path, stream => JsonSerializer.Serialize(stream, [.. members], MembersJson.Default.ListKnownMember));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(List<KnownMember>))]
internal sealed partial class MembersJson : JsonSerializerContext;
