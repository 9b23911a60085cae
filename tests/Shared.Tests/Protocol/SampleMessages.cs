using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ClusterBench.Tests.Protocol;

/// <summary>One message of a type with every field set to a value that follows from its number, so that its bytes are known.</summary>
internal static class SampleMessages
{
    public static IMessage Of(MessageDescriptor type, int depth = 0)
    {
        var message = type.Parser.ParseFrom([]);
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            if (field.IsMap)
            {
                var map = (System.Collections.IDictionary)field.Accessor.GetValue(message);
                var fields = field.MessageType.Fields;
                map[Value(fields[1], depth)!] = Value(fields[2], depth);
            }
            else if (field.IsRepeated)
            {
                var list = (System.Collections.IList)field.Accessor.GetValue(message);
                list.Add(Value(field, depth));
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, depth));
            }
        }

        return message;
    }

    private static object? Value(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.String => $"{field.Name}-{field.FieldNumber}",
        FieldType.Bool => true,
        FieldType.Int32 => field.FieldNumber * 1001,
        FieldType.Int64 => field.FieldNumber * 1_000_000_007L,
        FieldType.Double => field.FieldNumber + 0.25,
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, 1),
        FieldType.Message => depth > 4 ? null : Of(field.MessageType, depth + 1),
        _ => throw new InvalidOperationException($"SampleMessages knows no value for {field.FullName} of type {field.FieldType}"),
    };
}
