using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ClusterBench.GpuWorker.Numerics;

namespace ClusterBench.GpuWorker.Collectives.Tcp;

/// <summary>Memory for payloads that arrive: blocks of one frame, outside the managed heap, used again and again.</summary>
internal sealed unsafe class FrameBuffers : IDisposable
{
    private readonly ConcurrentBag<nint> _free = [];
    private readonly ConcurrentBag<nint> _all = [];

    public nint Rent()
    {
        if (_free.TryTake(out var block))
            return block;
        block = (nint)NativeMemory.AlignedAlloc(Frame.MaxLength, TensorMemory.Alignment);
        _all.Add(block);
        return block;
    }

    public void Return(nint block) => _free.Add(block);

    /// <summary>Nobody may use a block any more.</summary>
    public void Dispose()
    {
        while (_all.TryTake(out var block))
            NativeMemory.AlignedFree((void*)block);
    }
}
