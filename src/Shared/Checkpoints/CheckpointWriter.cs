using System.Globalization;
using ClusterBench.Arrays;
using ClusterBench.Checkpoints.Pickling;
using ClusterBench.Checkpoints.Zip;
using ClusterBench.Files;

namespace ClusterBench.Checkpoints;

/// <summary>
/// Writes checkpoints in torch.save's zip layout; torch.load reads them, also with weights_only=True (PyTorch 1.13's
/// restricted reader only where no number beside the tensors is a float). Equal content gives equal files:
/// there is no time and no path in them.
/// </summary>
public static class CheckpointWriter
{
    private const int Alignment = 64;

    /// <summary>Writes the file as a whole or not at all (see <see cref="AtomicFile"/>).</summary>
    /// <param name="root">
    /// What torch.load will return: dictionaries (written in their order: take an OrderedDictionary), lists, <c>object?[]</c> for tuples, texts, whole
    /// numbers, double and float, Booleans, null, <see cref="TensorToSave"/> and <see cref="CheckpointTensor"/>.
    /// </param>
    /// <param name="beforeRename">Called between the flushed temporary file and the rename.</param>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static void Write(string path, object? root, Action? beforeRename = null) => AtomicFile.Write(path, output => Write(output, root), beforeRename);

    /// <summary>Writes to a stream that can seek.</summary>
    public static void Write(Stream output, object? root) => Write(new ZipWriter(output), root);

    internal static void Write(ZipWriter zip, object? root)
    {
        var pickle = new PickleWriter();
        byte[] pickled = pickle.Write(root);
        zip.Add("archive/data.pkl", pickled.Length, to => to.Write(pickled), Alignment);
        zip.Add("archive/byteorder", 6, to => to.Write("little"u8));
        for (int key = 0; key < pickle.Tensors.Count; key++)
        {
            TensorToSave tensor = pickle.Tensors[key];
            zip.Add(string.Create(CultureInfo.InvariantCulture, $"archive/data/{key}"), checked(tensor.Count * tensor.DType.Size()), tensor.WriteTo, Alignment);
        }
        zip.Add("archive/version", 2, to => to.Write("3\n"u8));
        zip.Finish();
    }
}
