using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace ClusterBench.GpuWorker.Collectives.Tcp;

internal enum Verdict : byte
{
    Welcome = 1,

    /// <summary>The generation is not known here yet: ask again.</summary>
    NotYet,

    /// <summary>Never.</summary>
    Refused,
}

/// <summary>
/// The words that open a connection. The listener says who it is and a nonce, the connector its hello, a nonce and a signature, the
/// listener its verdict, signed too. Each knows the run's secret or the other hangs up.
/// </summary>
internal sealed class Handshake(Socket socket, TimeSpan limit)
{
    // The last byte is the version of all that is said on a connection.
    private static readonly byte[] Magic = [(byte)'C', (byte)'B', (byte)'D', (byte)'A', (byte)'T', (byte)'A', 0, 1];

    private const string Listener = "listener", Connector = "connector";

    private readonly long _end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
    private byte[] _listenerNonce = [], _hello = [], _nonce = [], _signature = [];

    /// <summary>The connector's side.</summary>
    /// <returns>The listener's verdict and, unless it is welcome, its reason.</returns>
    /// <exception cref="InvalidDataException">What answers is no data plane of this version, or does not know the secret.</exception>
    public (Verdict Verdict, string Reason) Connect(Hello hello, byte[] secret)
    {
        CheckMagic(Read(Magic.Length));
        var (listenerNonce, nonce, encoded) = (Read(Hello.NonceSize), RandomNumberGenerator.GetBytes(Hello.NonceSize), hello.Encode());
        Write([.. Magic, .. BitConverter.GetBytes((ushort)encoded.Length), .. encoded, .. nonce, .. Hello.Sign(secret, Connector, listenerNonce, nonce, encoded)]);
        var verdict = (Verdict)Read(1)[0];
        var reason = Read(BitConverter.ToUInt16(Read(2)));
        var signature = Read(Hello.SignatureSize);
        // Who refuses may not know the secret; who welcomes must.
        if (verdict == Verdict.Welcome && !Hello.IsSame(signature, Hello.Sign(secret, Listener, listenerNonce, nonce, encoded, (byte)verdict)))
            throw new InvalidDataException("it does not know the run's secret");
        return (verdict, Encoding.UTF8.GetString(reason));
    }

    /// <summary>The listener's first part: challenges the caller and hears who it says it is.</summary>
    /// <exception cref="InvalidDataException">The bytes are no hello.</exception>
    public Hello Hear()
    {
        _listenerNonce = RandomNumberGenerator.GetBytes(Hello.NonceSize);
        Write([.. Magic, .. _listenerNonce]);
        CheckMagic(Read(Magic.Length));
        var length = BitConverter.ToUInt16(Read(2));
        if (length > Hello.MaxSize)
            throw new InvalidDataException($"a hello of {length} bytes");
        (_hello, _nonce, _signature) = (Read(length), Read(Hello.NonceSize), Read(Hello.SignatureSize));
        return Hello.Decode(_hello);
    }

    /// <summary>Whether the caller knows the secret of the run that it named.</summary>
    public bool IsSignedWith(byte[] secret) => Hello.IsSame(_signature, Hello.Sign(secret, Connector, _listenerNonce, _nonce, _hello));

    /// <summary>The listener's second part.</summary>
    /// <param name="secret">The run's, to a caller that knows it; null: not signed.</param>
    public void Answer(Verdict verdict, string reason, byte[]? secret)
    {
        var proof = secret is null ? new byte[Hello.SignatureSize] : Hello.Sign(secret, Listener, _listenerNonce, _nonce, _hello, (byte)verdict);
        var text = Encoding.UTF8.GetBytes(reason);
        Write([(byte)verdict, .. BitConverter.GetBytes((ushort)text.Length), .. text, .. proof]);
    }

    private static void CheckMagic(byte[] magic)
    {
        if (!magic.AsSpan(0, Magic.Length - 1).SequenceEqual(Magic.AsSpan(0, Magic.Length - 1)))
            throw new InvalidDataException("it does not speak the protocol of the data plane");
        if (magic[^1] != Magic[^1])
            throw new InvalidDataException($"it speaks version {magic[^1]} of the data plane's protocol and this worker version {Magic[^1]}: run the same ClusterBench on all workers");
    }

    private void Write(byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
            sent += socket.Send(bytes.AsSpan(sent));
    }

    private byte[] Read(int count)
    {
        var bytes = new byte[count];
        for (var filled = 0; filled < count;)
        {
            // One limit for the whole: a byte now and then does not keep us here.
            var left = _end - Environment.TickCount64;
            if (left <= 0)
                throw new InvalidDataException("it was too slow");
            socket.ReceiveTimeout = (int)left;
            var read = socket.Receive(bytes.AsSpan(filled));
            if (read == 0)
                throw new InvalidDataException("it hung up");
            filled += read;
        }
        return bytes;
    }
}
