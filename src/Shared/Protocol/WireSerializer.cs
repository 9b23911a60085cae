using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;

namespace ClusterBench.Protocol;

/// <summary>
/// The only serializer of messages and events: protobuf under a manifest <c>name/version</c> from <see cref="WireTypes"/>. A type
/// without a manifest fails where it is sent, an unknown manifest where it is read; nothing is skipped in silence.
/// </summary>
public sealed class WireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Stands in every journal row; must never change (hocon/base.hocon names it too).</summary>
    public const int SerializerId = 4711;

    /// <inheritdoc />
    public override int Identifier => SerializerId;

    /// <inheritdoc />
    public override string Manifest(object o) => WireTypes.ManifestOf(o.GetType())
        ?? throw new SerializationException($"{o.GetType().FullName} has no wire manifest: add it to WireTypes.");

    /// <inheritdoc />
    public override byte[] ToBinary(object obj) => ((IMessage)obj).ToByteArray();

    /// <inheritdoc />
    public override object FromBinary(byte[] bytes, string manifest) => WireTypes.Parse(manifest, bytes);
}
