using System.Runtime.InteropServices;

namespace ClusterBench.GpuWorker.Data;

/// <summary>Native memory of all batches in flight: one piece per slot, [batch, 3, height, width] floats, 64-byte aligned.</summary>
internal sealed unsafe class BatchMemory
{
    /// <summary>libtorch's own alignment: a matrix product's last bits depend on the address of its input modulo 16.</summary>
    public const int Alignment = 64;

    private readonly nint[] _slots;
    private readonly bool _isOwn;

    /// <param name="allocate">Gives the memory of a slot, which stays the caller's; null: it is allocated and freed here.</param>
    public BatchMemory(int slots, long floats, Func<int, long, nint>? allocate)
    {
        Floats = floats;
        _isOwn = allocate is null;
        _slots = new nint[slots];
        try
        {
            for (var i = 0; i < slots; i++)
            {
                _slots[i] = allocate?.Invoke(i, floats) ?? (nint)NativeMemory.AlignedAlloc(checked((nuint)floats * sizeof(float)), Alignment);
                if (_slots[i] == 0 || _slots[i] % Alignment != 0)
                    throw new ArgumentException($"Slot {i} lies at {_slots[i]:x}: a multiple of {Alignment} is needed.", nameof(allocate));
            }
        }
        catch
        {
            Free();
            throw;
        }
    }

    /// <summary>Floats of one slot.</summary>
    public long Floats { get; }

    public nint Address(int slot) => _slots[slot];

    public Span<float> Row(int slot, int row, int rowFloats) => new((float*)_slots[slot] + (long)row * rowFloats, rowFloats);

    public void Free()
    {
        if (_isOwn)
            foreach (var slot in _slots) NativeMemory.AlignedFree((void*)slot);
        Array.Clear(_slots);
    }
}
