namespace ClusterBench.Checkpoints.Pickling;

/// <summary>The machine's stack with its marks. Pops stop at the last mark, as in Python.</summary>
internal sealed class PickleStack
{
    private readonly List<object?> _items = [];
    private readonly List<int> _marks = [];

    private int Floor => _marks.Count > 0 ? _marks[^1] : 0;

    public void Push(object? value, ref PickleInput input)
    {
        if (_items.Count >= PickleLimits.Stack)
        {
            throw input.TooLarge($"its pickle puts more than {PickleLimits.Stack} values on the stack");
        }
        _items.Add(value);
    }

    public void Mark(ref PickleInput input)
    {
        if (_marks.Count >= PickleLimits.Marks)
        {
            throw input.TooLarge($"its pickle nests deeper than {PickleLimits.Marks} levels");
        }
        _marks.Add(_items.Count);
    }

    public object? Peek(ref PickleInput input) => _items.Count > Floor ? _items[^1] : throw Underflow(ref input);

    public object? Pop(ref PickleInput input)
    {
        object? value = Peek(ref input);
        _items.RemoveAt(_items.Count - 1);
        return value;
    }

    public object?[] PopMany(int count, ref PickleInput input) =>
        _items.Count - Floor >= count ? Cut(_items.Count - count) : throw Underflow(ref input);

    public object?[] PopToMark(ref PickleInput input)
    {
        if (_marks.Count == 0)
        {
            throw input.Damaged("items are taken up to a mark that was never set");
        }
        object?[] items = Cut(_marks[^1]);
        _marks.RemoveAt(_marks.Count - 1);
        return items;
    }

    private object?[] Cut(int from)
    {
        object?[] items = [.. System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_items)[from..]];
        _items.RemoveRange(from, _items.Count - from);
        return items;
    }

    private static CheckpointException Underflow(ref PickleInput input) => input.Damaged("a value is taken from an empty stack");
}
