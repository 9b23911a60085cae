namespace ClusterBench.Tests;

internal static class ActorTestSettings
{
    /// <summary>
    /// The journal is in memory. akka.actor.serialize-messages stays off: it would send the persistence plugin's own messages, with
    /// our events in them, through JSON, which loses lists. WireTypesTests takes every message through the real serializer.
    /// </summary>
    public const string Hocon = """
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          actor {
            serializers.wire = "ClusterBench.Protocol.WireSerializer, ClusterBench.Shared"
            serialization-bindings { "Google.Protobuf.IMessage, Google.Protobuf" = wire }
            serialization-identifiers { "ClusterBench.Protocol.WireSerializer, ClusterBench.Shared" = 4711 }
          }
          persistence.journal.plugin = "akka.persistence.journal.inmem"
          persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
        }
        """;
}
