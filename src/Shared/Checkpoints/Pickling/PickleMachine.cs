using System.Text;

namespace ClusterBench.Checkpoints.Pickling;

/// <summary>
/// The stack machine of Python's pickle format, protocols 0 to 5 (Lib/pickletools.py describes each opcode). It looks nothing up and
/// runs nothing: a name stays a name, and <see cref="PickleCalls"/> knows the few that may be called.
/// </summary>
internal sealed class PickleMachine(PickleCalls calls, Refusals refuse)
{
    private readonly PickleStack _stack = new();
    private readonly Dictionary<uint, object?> _memo = new(PickleKeys.Comparer);

    /// <summary>Runs one pickle to its STOP; <paramref name="length"/> is how many bytes it took.</summary>
    public static object? Run(ReadOnlySpan<byte> data, CheckpointFault atEnd, PickleCalls calls, Refusals refuse, out int length)
    {
        bool cut = data.Length > PickleLimits.Bytes;
        var input = new PickleInput(cut ? data[..PickleLimits.Bytes] : data, cut ? CheckpointFault.TooLarge : atEnd, refuse);
        object? root = new PickleMachine(calls, refuse).Run(ref input);
        length = input.Position;
        return root;
    }

    private object? Run(ref PickleInput input)
    {
        while (true)
        {
            byte opcode = input.Byte();
            if (opcode == '.')
            {
                return _stack.Pop(ref input);
            }
            if (!Literal(opcode, ref input) && !Text(opcode, ref input) && !Container(opcode, ref input) && !Memo(opcode, ref input) && !Call(opcode, ref input))
            {
                throw input.Damaged($"the unknown opcode 0x{opcode:X2}");
            }
        }
    }

    private bool Literal(byte opcode, ref PickleInput input)
    {
        switch ((char)opcode)
        {
            case '\x80':
                byte protocol = input.Byte();
                return protocol <= 5 ? true : throw input.Damaged($"pickle protocol {protocol}; 0 to 5 are known");
            case '\x95':
                ulong frame = input.U64();
                PickleInput ahead = input;
                ahead.Take(frame);
                return true;
            case 'N': return Push(null, ref input);
            case '\x88': return Push(true, ref input);
            case '\x89': return Push(false, ref input);
            case 'K': return Push((long)input.Byte(), ref input);
            case 'M': return Push((long)input.U16(), ref input);
            case 'J': return Push((long)input.I32(), ref input);
            case 'I': return Push(PickleNumbers.Int(ref input), ref input);
            case 'L': return Push(PickleNumbers.Long(ref input), ref input);
            case '\x8a': return Push(PickleNumbers.TwosComplement(ref input, input.Byte()), ref input);
            case '\x8b': return Push(PickleNumbers.TwosComplement(ref input, input.SignedLength()), ref input);
            case 'F': return Push(PickleNumbers.Float(ref input), ref input);
            case 'G': return Push(input.BigEndianDouble(), ref input);
            default: return false;
        }
    }

    private bool Text(byte opcode, ref PickleInput input)
    {
        switch ((char)opcode)
        {
            case 'S': return Push(PickleNumbers.Quoted(ref input), ref input);
            case 'V': return Push(PickleNumbers.RawUnicode(ref input), ref input);
            case 'U': return Push(OldString(input.Take(input.Byte())), ref input);
            case 'T': return Push(OldString(input.Take(input.SignedLength())), ref input);
            case '\x8c': return Push(input.Utf8(input.Byte()), ref input);
            case 'X': return Push(input.Utf8(input.U32()), ref input);
            case '\x8d': return Push(input.Utf8(input.U64()), ref input);
            case 'C': return Push(input.Take(input.Byte()).ToArray(), ref input);
            case 'B': return Push(input.Take(input.U32()).ToArray(), ref input);
            case '\x8e' or '\x96': return Push(input.Take(input.U64()).ToArray(), ref input);
            default: return false;
        }
    }

    private bool Container(byte opcode, ref PickleInput input)
    {
        switch ((char)opcode)
        {
            case '(': _stack.Mark(ref input); return true;
            case '0': _stack.Pop(ref input); return true;
            case '1': _stack.PopToMark(ref input); return true;
            case '2': return Push(_stack.Peek(ref input), ref input);
            case ')': return Push(Array.Empty<object?>(), ref input);
            case '\x85': return Push(_stack.PopMany(1, ref input), ref input);
            case '\x86': return Push(_stack.PopMany(2, ref input), ref input);
            case '\x87': return Push(_stack.PopMany(3, ref input), ref input);
            case 't': return Push(_stack.PopToMark(ref input), ref input);
            case ']': return Push(new List<object?>(), ref input);
            case 'l': return Push(_stack.PopToMark(ref input).ToList(), ref input);
            case '}': return Push(PickleKeys.NewDictionary(), ref input);
            case 'd': return Push(SetItems(PickleKeys.NewDictionary(), _stack.PopToMark(ref input), ref input), ref input);
            case '\x8f': return Push(new PickleSet([]), ref input);
            case '\x91': return Push(new PickleSet([.. _stack.PopToMark(ref input)]), ref input);
            case 'a': object?[] one = _stack.PopMany(1, ref input); Append(one, ref input); return true;
            case 'e': Append(_stack.PopToMark(ref input), ref input); return true;
            case '\x90': Append(_stack.PopToMark(ref input), ref input); return true;
            case 's': object?[] pair = _stack.PopMany(2, ref input); SetItems(_stack.Peek(ref input), pair, ref input); return true;
            case 'u': object?[] pairs = _stack.PopToMark(ref input); SetItems(_stack.Peek(ref input), pairs, ref input); return true;
            default: return false;
        }
    }

    private bool Memo(byte opcode, ref PickleInput input)
    {
        switch ((char)opcode)
        {
            case 'p': Remember(PickleNumbers.Index(ref input), ref input); return true;
            case 'q': Remember(input.Byte(), ref input); return true;
            case 'r': Remember(input.U32(), ref input); return true;
            case '\x94': Remember((uint)_memo.Count, ref input); return true;
            case 'g': return Push(Recall(PickleNumbers.Index(ref input), ref input), ref input);
            case 'h': return Push(Recall(input.Byte(), ref input), ref input);
            case 'j': return Push(Recall(input.U32(), ref input), ref input);
            default: return false;
        }
    }

    private bool Call(byte opcode, ref PickleInput input)
    {
        switch ((char)opcode)
        {
            case 'c':
                return Push(new PickleName(input.Utf8Line(), input.Utf8Line()), ref input);
            case '\x93':
                object?[] parts = _stack.PopMany(2, ref input);
                return Push(parts is [string module, string name] ? new PickleName(module, name) : throw input.Damaged("a name that is no text"), ref input);
            case 'R' or '\x81':
                object?[] call = _stack.PopMany(2, ref input);
                return Push(calls.Call(call[0], Arguments(call[1], ref input), ref input), ref input);
            case '\x92':
                object?[] full = _stack.PopMany(3, ref input);
                return Push(calls.CallWithKeywords(full[0], Arguments(full[1], ref input), full[2], ref input), ref input);
            case 'i':
                var type = new PickleName(input.Utf8Line(), input.Utf8Line());
                return Push(calls.Call(type, _stack.PopToMark(ref input), ref input), ref input);
            case 'o':
                object?[] obj = _stack.PopToMark(ref input);
                return Push(obj.Length > 0 ? calls.Call(obj[0], obj[1..], ref input) : throw input.Damaged("a call without a callee"), ref input);
            case 'b':
                object? state = _stack.Pop(ref input);
                calls.Build(_stack.Peek(ref input), state, ref input);
                return true;
            case 'Q':
                return Push(calls.Storage(_stack.Pop(ref input), ref input), ref input);
            case 'P':
                throw input.Damaged("a persistent id that is text; it has to be a tuple that names a storage");
            case '\x82' or '\x83' or '\x84':
                throw refuse.Because(CheckpointFault.UnsafePickle, "it calls something by a number of Python's extension registry");
            case '\x97' or '\x98':
                throw input.Damaged("a buffer outside of the pickle, which torch.save never makes");
            default:
                return false;
        }
    }

    private bool Push(object? value, ref PickleInput input)
    {
        calls.Charge(1);
        _stack.Push(value, ref input);
        return true;
    }

    private void Remember(uint index, ref PickleInput input)
    {
        _memo[index] = _stack.Peek(ref input);
        if (_memo.Count > PickleLimits.Memo)
        {
            throw refuse.Because(CheckpointFault.TooLarge, $"its pickle remembers more than {PickleLimits.Memo} objects");
        }
    }

    private object? Recall(uint index, ref PickleInput input) =>
        _memo.TryGetValue(index, out object? value) ? value : throw input.Damaged($"memo entry {index} is read and was never written");

    private void Append(object?[] items, ref PickleInput input)
    {
        List<object?> list = _stack.Peek(ref input) switch
        {
            List<object?> l => l,
            PickleSet set => set.Writable,
            _ => throw input.Damaged("items are appended to something that is no list"),
        };
        list.AddRange(items);
    }

    private static OrderedDictionary<object, object?> SetItems(object? target, object?[] pairs, ref PickleInput input)
    {
        if (target is not OrderedDictionary<object, object?> dictionary || pairs.Length % 2 != 0)
        {
            throw input.Damaged("items are set in something that is no dictionary");
        }
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (!PickleKeys.CanBeKey(pairs[i]))
            {
                throw input.Damaged("a list or a dictionary is a dictionary's key");
            }
            dictionary[pairs[i] ?? NoneKey.Value] = pairs[i + 1];
        }
        return dictionary;
    }

    private static object?[] Arguments(object? value, ref PickleInput input) => value as object?[] ?? throw input.Damaged("a call whose arguments are no tuple");

    /// <summary>Python 2 texts: UTF-8 if they are, else one character per byte.</summary>
    private static string OldString(ReadOnlySpan<byte> bytes) =>
        System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
}
