using System.Buffers;
using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace ClusterBench.Checkpoints.Pickling;

/// <summary>
/// Writes an object graph as a pickle of protocol 2, with the opcodes that torch.load(weights_only=True) takes too. Each tensor becomes
/// a storage of its own.
/// </summary>
internal sealed class PickleWriter
{
    private readonly ArrayBufferWriter<byte> _out = new();

    /// <summary>The tensors in the order of their storage keys 0, 1, 2, ...</summary>
    public List<TensorToSave> Tensors { get; } = [];

    /// <summary>The pickle of one object.</summary>
    public byte[] Write(object? root)
    {
        Op(0x80, 2);
        Value(root, 0);
        Op('.');
        return _out.WrittenSpan.ToArray();
    }

    private void Value(object? value, int depth)
    {
        if (depth > 100)
        {
            throw new ArgumentException("The object to save contains itself or is nested more than 100 deep.", nameof(value));
        }
        switch (value)
        {
            case null: Op('N'); break;
            case bool flag: Op(flag ? 0x88 : 0x89); break;
            case int number: Whole(number); break;
            case long number: Whole(number); break;
            case BigInteger number: Big(number); break;
            case float number: Real(number); break;
            case double number: Real(number); break;
            case string text: Text(text); break;
            case TensorToSave tensor: Tensor(tensor); break;
            case CheckpointTensor tensor: Tensor(TensorToSave.From(tensor)); break;
            case IDictionary dictionary: Dictionary(dictionary, depth); break;
            case object?[] tuple: Items('(', tuple, 't', depth); break;
            case IEnumerable list: Op(']'); Items('(', list, 'e', depth); break;
            default: throw new ArgumentException($"A {value.GetType()} cannot be saved in a checkpoint.", nameof(value));
        }
    }

    private void Items(char open, IEnumerable items, char close, int depth)
    {
        Op(open);
        foreach (object? item in items)
        {
            Value(item, depth + 1);
        }
        Op(close);
    }

    private void Dictionary(IDictionary dictionary, int depth)
    {
        Op('}', '(');
        foreach (DictionaryEntry entry in dictionary)
        {
            Value(entry.Key, depth + 1);
            Value(entry.Value, depth + 1);
        }
        Op('u');
    }

    /// <summary>torch._utils._rebuild_tensor_v2(storage, 0, size, stride, False, OrderedDict()).</summary>
    private void Tensor(TensorToSave tensor)
    {
        Global("torch._utils", "_rebuild_tensor_v2");
        Op('(', '(');
        Text("storage");
        Global("torch", PickleGlobals.StorageTypes.First(t => t.Value == tensor.DType).Key);
        Text(Tensors.Count.ToString(CultureInfo.InvariantCulture));
        Text("cpu");
        Whole(tensor.Count);
        Op('t', 'Q');
        Whole(0);
        Sizes(tensor.Shape);
        Sizes(RowMajor(tensor.Shape));
        Op(0x89);
        Global("collections", "OrderedDict");
        Op(')', 'R', 't', 'R');
        Tensors.Add(tensor);
    }

    private static long[] RowMajor(IReadOnlyList<long> shape)
    {
        long[] stride = new long[shape.Count];
        long step = 1;
        for (int d = shape.Count - 1; d >= 0; d--)
        {
            stride[d] = step;
            step *= Math.Max(shape[d], 1);
        }
        return stride;
    }

    private void Sizes(IReadOnlyList<long> sizes)
    {
        Op('(');
        foreach (long size in sizes)
        {
            Whole(size);
        }
        Op('t');
    }

    private void Global(string module, string name)
    {
        Op('c');
        _out.Write(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));
    }

    private void Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Op('X');
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        _out.Write(length);
        _out.Write(utf8);
    }

    private void Whole(long number)
    {
        if (number is < int.MinValue or > int.MaxValue)
        {
            Big(number);
            return;
        }
        Op('J');
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)number);
        _out.Write(bytes);
    }

    private void Big(BigInteger number)
    {
        byte[] bytes = number.ToByteArray();
        Op(0x8A, bytes.Length <= 255 ? bytes.Length : throw new ArgumentException("A whole number of more than 255 bytes cannot be saved.", nameof(number)));
        _out.Write(bytes);
    }

    private void Real(double number)
    {
        Op('G');
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, number);
        _out.Write(bytes);
    }

    private void Op(params ReadOnlySpan<int> opcodes)
    {
        foreach (int opcode in opcodes)
        {
            _out.Write([(byte)opcode]);
        }
    }
}
