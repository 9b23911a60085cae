using ClusterBench.Arrays;

namespace ClusterBench.Checkpoints.Pickling;

/// <summary>
/// The names that a pickle may call. They are whole names: no prefix is trusted, none is resolved step by step. Everything else may be
/// named (as a dictionary key, say) and never called.
/// </summary>
internal static class PickleGlobals
{
    /// <summary>Element types by the name of their storage class in module <c>torch</c>.</summary>
    public static IReadOnlyDictionary<string, DType> StorageTypes { get; } = new Dictionary<string, DType>(StringComparer.Ordinal)
    {
        ["FloatStorage"] = DType.Float32,
        ["DoubleStorage"] = DType.Float64,
        ["HalfStorage"] = DType.Float16,
        ["BFloat16Storage"] = DType.BFloat16,
        ["LongStorage"] = DType.Int64,
        ["IntStorage"] = DType.Int32,
        ["ShortStorage"] = DType.Int16,
        ["CharStorage"] = DType.Int8,
        ["ByteStorage"] = DType.UInt8,
        ["BoolStorage"] = DType.Bool,
        ["ComplexFloatStorage"] = DType.Complex64,
        ["ComplexDoubleStorage"] = DType.Complex128,
    };

    /// <summary>Kept as a <see cref="PickleObject"/>: type, arguments, state.</summary>
    public static IReadOnlySet<string> KeptAsDescribed { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "torch.device", "argparse.Namespace", "pathlib.PurePosixPath", "pathlib.PosixPath", "pathlib.PureWindowsPath", "pathlib.WindowsPath",
        "pathlib._local.PosixPath", "pathlib._local.PurePosixPath", "datetime.date", "datetime.datetime", "datetime.timedelta",
        "builtins.slice", "builtins.range", "builtins.xrange",
    };

    /// <summary>Tensors of a kind that is not read, and what they are.</summary>
    public static IReadOnlyDictionary<string, string> UnsupportedTensors { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["torch._utils._rebuild_qtensor"] = "a quantised tensor",
        ["torch._utils._rebuild_meta_tensor_no_storage"] = "a tensor on the device 'meta', which has a shape and no data",
        ["torch._utils._rebuild_tensor_v3"] = "a tensor of a type that PyTorch 2 saves by _rebuild_tensor_v3 (float8, unsigned 16 to 64 bit)",
        ["torch._utils._rebuild_sparse_tensor"] = "a sparse tensor",
        ["torch._utils._rebuild_sparse_csr_tensor"] = "a sparse tensor",
        ["torch._utils._rebuild_nested_tensor"] = "a nested tensor",
        ["torch._utils._rebuild_device_tensor_from_numpy"] = "a tensor of a device other than CPU and CUDA",
        ["torch._utils._rebuild_xla_tensor"] = "a tensor of a device other than CPU and CUDA",
        ["torch._utils._rebuild_wrapper_subclass"] = "a tensor subclass",
        ["torch._tensor._rebuild_from_type_v2"] = "a tensor subclass or a tensor with attributes of its own",
        ["torch.serialization._get_layout"] = "a sparse tensor",
    };

    /// <summary>Python 2 calls the module of the built-in names <c>__builtin__</c>, and numpy 2 renamed its core.</summary>
    public static string Canonical(PickleName name) => name.Module switch
    {
        "__builtin__" => $"builtins.{name.Name}",
        "numpy._core.multiarray" => $"numpy.core.multiarray.{name.Name}",
        "numpy._core.numeric" => $"numpy.core.numeric.{name.Name}",
        _ => name.ToString(),
    };
}
