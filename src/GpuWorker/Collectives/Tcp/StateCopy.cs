using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>
/// Healing: every member says to every other what it takes for the source, whether it needs the state, and what the state consists of;
/// where all agree the source sends to those that need it.
/// </summary>
internal sealed class StateCopy(CollectiveGroup group, PeerLink?[] links)
{
    private const int TextLimit = 128 << 10;

    public void Run(long step, int source, bool needed, IReadOnlyList<StateTensor> state, Action waitSent)
    {
        var addresses = state.Select(static part => FlatMemory.Of(part.Tensor)).ToArray();
        if (needed)
            for (var i = 0; i < state.Count; i++)
                links[source]!.Inbox.Land(new Landing(FrameKind.State, group.Generation, step, i, addresses[i], FlatMemory.Bytes(state[i].Tensor)));
        var text = Describe(state);
        byte[] intent = [.. BitConverter.GetBytes(source), needed ? (byte)1 : (byte)0, .. SHA256.HashData(text), .. text.AsSpan(0, Math.Min(TextLimit, text.Length))];
        foreach (var link in links.OfType<PeerLink>())
            link.Send(new Frame(FrameKind.Intent, group.Generation, step, 0, 0, intent.Length), intent);
        var receivers = new List<PeerLink>();
        foreach (var link in links.OfType<PeerLink>())
        {
            var arrival = link.Inbox.Take(new Frame(FrameKind.Intent, group.Generation, step, 0, 0, 0), anyLength: true);
            var theirs = Copy(arrival);
            link.Inbox.Return(arrival);
            if (Difference(intent, theirs) is { } difference)
                link.OutOfTurn(difference);
            else if (theirs[4] == 1 && link.Peer != source)
                receivers.Add(link);
        }
        if (group.Rank == source)
            foreach (var link in receivers)
                Send(link, step, addresses, state);
        waitSent();
        if (needed)
            links[source]!.Inbox.WaitLanded();
    }

    private void Send(PeerLink link, long step, nint[] addresses, IReadOnlyList<StateTensor> state)
    {
        for (var i = 0; i < state.Count; i++)
        {
            var bytes = FlatMemory.Bytes(state[i].Tensor);
            for (var chunk = 0; chunk < Frame.Chunks(bytes); chunk++)
                link.Send(new Frame(FrameKind.State, group.Generation, step, i, chunk, Frame.ChunkLength(bytes, chunk)), addresses[i] + (nint)((long)chunk * Frame.MaxLength));
        }
    }

    private static byte[] Describe(IReadOnlyList<StateTensor> state) => Encoding.UTF8.GetBytes(string.Join('\n', state.Select(static part =>
        string.Create(CultureInfo.InvariantCulture, $"{part.Name}: {part.Tensor.dtype} [{string.Join(", ", part.Tensor.shape)}]"))));

    private static unsafe byte[] Copy(Arrival arrival) => new ReadOnlySpan<byte>((void*)arrival.Block, arrival.Frame.Length).ToArray();

    /// <summary>In what a peer's intent differs from this member's, beyond who needs the state; null: they agree.</summary>
    private static string? Difference(byte[] ours, byte[] theirs)
    {
        const int Text = 5 + SHA256.HashSizeInBytes;
        if (theirs.Length < Text)
            return "sent no intent that can be read";
        if (BitConverter.ToInt32(theirs) != BitConverter.ToInt32(ours))
            return string.Create(CultureInfo.InvariantCulture, $"takes rank {BitConverter.ToInt32(theirs)} for the source of the state and this worker rank {BitConverter.ToInt32(ours)}");
        if (theirs.AsSpan(5, SHA256.HashSizeInBytes).SequenceEqual(ours.AsSpan(5, SHA256.HashSizeInBytes)))
            return null;
        var (here, there) = (Encoding.UTF8.GetString(ours, Text, ours.Length - Text).Split('\n'), Encoding.UTF8.GetString(theirs, Text, theirs.Length - Text).Split('\n'));
        var at = here.Zip(there).TakeWhile(static pair => pair.First == pair.Second).Count();
        return $"has another state: '{there.ElementAtOrDefault(at) ?? "nothing"}' where this worker has '{here.ElementAtOrDefault(at) ?? "nothing"}'";
    }
}
