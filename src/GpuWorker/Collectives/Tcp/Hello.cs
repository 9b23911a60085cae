using System.Security.Cryptography;
using System.Text;

namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>Who wants to speak to whom in which generation of which run: what both ends sign with the run's secret.</summary>
internal sealed record Hello(string Run, int Generation, int From, int To, string FromIncarnation, string ToIncarnation, string PlanHash)
{
    /// <summary>More than this is no hello.</summary>
    public const int MaxSize = 4096;

    public const int NonceSize = 32;

    public const int SignatureSize = 32;

    public static Hello Of(CollectiveGroup group, int to) => new(
        group.Run, group.Generation, group.Rank, to, group.Self.Incarnation, group.Members[to].Incarnation, group.PlanHash);

    public byte[] Encode()
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, Encoding.UTF8))
        {
            writer.Write(Run);
            writer.Write(Generation);
            writer.Write(From);
            writer.Write(To);
            writer.Write(FromIncarnation);
            writer.Write(ToIncarnation);
            writer.Write(PlanHash);
        }
        return memory.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no hello.</exception>
    public static Hello Decode(byte[] bytes)
    {
        try
        {
            using var memory = new MemoryStream(bytes);
            using var reader = new BinaryReader(memory, new UTF8Encoding(false, throwOnInvalidBytes: true));
            var hello = new Hello(reader.ReadString(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadString(), reader.ReadString(), reader.ReadString());
            return memory.Position == bytes.Length ? hello : throw new InvalidDataException("bytes follow the hello");
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException("the hello cannot be read", e);
        }
    }

    /// <summary>
    /// HMAC-SHA256 with the run's secret. Both nonces are in it, so that no recorded hello is good twice, and the signer's role, so that
    /// none can be sent back to its sender.
    /// </summary>
    public static byte[] Sign(byte[] secret, string role, byte[] listenerNonce, byte[] connectorNonce, byte[] hello, params byte[] answer)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Encoding.ASCII.GetBytes(role));
        hmac.AppendData(listenerNonce);
        hmac.AppendData(connectorNonce);
        hmac.AppendData(BitConverter.GetBytes(hello.Length));
        hmac.AppendData(hello);
        hmac.AppendData(answer);
        return hmac.GetHashAndReset();
    }

    /// <summary>In a time that does not tell how much of it is right.</summary>
    public static bool IsSame(byte[] signature, byte[] expected) => CryptographicOperations.FixedTimeEquals(signature, expected);
}
