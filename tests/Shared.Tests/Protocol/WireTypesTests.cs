using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using ClusterBench.Protocol;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ClusterBench.Tests.Protocol;

public sealed class WireTypesTests
{
    /// <summary>Messages that only ever lie inside others.</summary>
    private static readonly HashSet<string> Parts = new(StringComparer.Ordinal)
    {
        "InputFileData", "SubmissionData", "SplitPlan", "KnnPlan", "ShardFile", "WorkerInfo", "TrainingPlanData", "GangMemberData", "TrainingProgress",
    };

    public static TheoryData<string, string> JournalLines => new(GoldenLines());

    [Fact]
    public void Every_message_of_the_protocol_has_a_manifest()
    {
        var files = new[] { EventsReflection.Descriptor, MessagesReflection.Descriptor };
        var missing = files.SelectMany(f => f.MessageTypes)
            .Where(t => !Parts.Contains(t.Name) && WireTypes.ManifestOf(t.ClrType) is null).Select(t => t.Name).ToList();

        Assert.Empty(missing);
        Assert.True(WireTypes.All.Count() > 30);
    }

    [Fact]
    public void Every_message_comes_back_as_it_was()
    {
        foreach (var type in WireTypes.All)
        {
            var message = SampleMessages.Of(Descriptor(type));
            var back = WireTypes.Parse(WireTypes.ManifestOf(type)!, message.ToByteArray());
            Assert.Equal(message, back);
        }
    }

    [Theory]
    [MemberData(nameof(JournalLines))]
    public void Journal_events_keep_the_bytes_that_they_were_first_written_with(string manifest, string hex)
    {
        var golden = Convert.FromHexString(hex);
        var read = WireTypes.Parse(manifest, golden);

        Assert.Equal(golden, read.ToByteArray());
        // A field that was added later is absent in older lines; the newest line has all.
        if (GoldenLines().Last(l => l.Manifest == manifest).Hex == hex)
        {
            Assert.Equal(SampleMessages.Of(read.Descriptor), read);
        }
    }

    [Fact]
    public void The_golden_file_has_every_event_and_snapshot()
    {
        var known = GoldenLines().Select(l => $"{l.Manifest} {l.Hex}").ToHashSet(StringComparer.Ordinal);
        var missing = EventsReflection.Descriptor.MessageTypes.Where(t => !Parts.Contains(t.Name))
            .Select(t => $"{WireTypes.ManifestOf(t.ClrType)} {Convert.ToHexStringLower(SampleMessages.Of(t).ToByteArray())}").Where(line => !known.Contains(line)).ToList();

        Assert.True(missing.Count == 0, $"new events or new fields: add to tests/fixtures/protocol/journal.golden\n{string.Join('\n', missing)}");
    }

    [Fact]
    public void An_unknown_manifest_fails_loudly()
    {
        var error = Assert.Throws<SerializationException>(() => WireTypes.Parse("run-forgotten/7", []));

        Assert.Contains("run-forgotten/7", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_type_without_a_manifest_fails_where_it_is_sent()
    {
        const string settings = """
            akka.stdout-loglevel = OFF
            akka.loglevel = OFF
            akka.actor {
              serializers.wire = "ClusterBench.Protocol.WireSerializer, ClusterBench.Shared"
              serialization-bindings { "Google.Protobuf.IMessage, Google.Protobuf" = wire }
              serialization-settings.allow-unregistered-types = false
            }
            """;
        using var system = ActorSystem.Create("wire", ConfigurationFactory.ParseString(settings));
        var serializer = system.Serialization.FindSerializerFor(new RunCanceled());

        Assert.IsType<WireSerializer>(serializer);
        Assert.Equal(WireSerializer.SerializerId, serializer.Identifier);
        Assert.Throws<SerializationException>(() => ((WireSerializer)serializer).Manifest(new KnnPlan()));
        Assert.ThrowsAny<Exception>(() => system.Serialization.FindSerializerFor(new Version(1, 2)));
        await system.Terminate();
    }

    private static MessageDescriptor Descriptor(Type type) =>
        (MessageDescriptor)type.GetProperty("Descriptor", System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public)!.GetValue(null)!;

    private static IEnumerable<(string Manifest, string Hex)> GoldenLines() =>
        File.ReadAllLines(Fixtures.Path("protocol", "journal.golden")).Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(' ')).Select(p => (p[0], p[1]));
}
