using System.Globalization;
using System.Text;
using ClusterBench.Arrays;
using ClusterBench.Files;
using ClusterBench.Tests.Checkpoints;
using CsCheck;

namespace ClusterBench.Tests.Arrays;

public sealed class NpyTests
{
    [Fact]
    public async Task Numpy_reads_what_was_written()
    {
        using var folder = new TempFolder();
        NpyWriter.Write(folder.File("f.npy"), [2, 3], (ReadOnlyMemory<float>)new float[] { 1, -2, 0.1f, float.NaN, float.PositiveInfinity, 1e-40f });
        NpyWriter.Write(folder.File("i.npy"), [4], (ReadOnlyMemory<int>)new[] { 1, -2, int.MaxValue, 0 });
        NpyWriter.Write(folder.File("l.npy"), [], (ReadOnlyMemory<long>)new[] { long.MinValue });
        NpyWriter.Write(folder.File("e.npy"), [0, 512], ReadOnlyMemory<float>.Empty);
        string python = await Python.Run(
            """
            import sys, numpy as np
            for n in 'file':
                a = np.load(f'{sys.argv[1]}/{n}.npy', mmap_mode='r' if n != 'e' else None)
                print(n, a.dtype, a.shape, a.ravel().tolist(), a.flags['C_CONTIGUOUS'], a.offset % 64 if n not in 'el' else 0)
            """,
            folder.Path);
        Assert.Equal(
            "f float32 (2, 3) [1.0, -2.0, 0.10000000149011612, nan, inf, 9.99994610111476e-41] True 0\ni int32 (4,) [1, -2, 2147483647, 0] True 0\nl int64 () [-9223372036854775808] True 0\ne float32 (0, 512) [] True 0",
            python);
    }

    [Fact]
    public async Task Arrays_that_numpy_wrote_are_read_in_every_type_and_version()
    {
        using var folder = new TempFolder();
        await Python.Run(
            """
            import sys, numpy as np
            for t in 'f4 f2 f8 i8 i4 u1'.split():
                for v in (1, 2, 3):
                    with open(f'{sys.argv[1]}/{t}_{v}.npy', 'wb') as f: np.lib.format.write_array(f, (np.arange(12) - (0 if t == 'u1' else 5)).astype(t).reshape(3, 4), version=(v, 0))
            """,
            folder.Path);
        Check<float>("f4", DType.Float32, v => v);
        Check<Half>("f2", DType.Float16, v => (double)v);
        Check<double>("f8", DType.Float64, v => v);
        Check<long>("i8", DType.Int64, v => v);
        Check<int>("i4", DType.Int32, v => v);
        Check<byte>("u1", DType.UInt8, v => v);

        void Check<T>(string code, DType type, Func<T, double> toDouble)
            where T : unmanaged
        {
            for (int version = 1; version <= 3; version++)
            {
                using NpyArray array = NpyArray.Open(folder.File($"{code}_{version}.npy"));
                Assert.Equal(type, array.DType);
                Assert.Equal([3, 4], array.Shape);
                Assert.Equal((12, 4), (array.Count, array.RowLength));
                double first = code == "u1" ? 0 : -5;
                Assert.Equal(Enumerable.Range(4, 8).Select(i => i + first), array.Rows<T>(1, 2).ToArray().Select(toDouble));
            }
        }
    }

    [Fact]
    public void Rows_can_be_written_one_after_another_and_must_all_come()
    {
        using var folder = new TempFolder();
        AtomicFile.Write(folder.File("rows.npy"), to =>
        {
            var writer = new NpyWriter(to, DType.Float32, [3, 2]);
            writer.Append<float>([1, 2]);
            writer.Append<float>([3, 4, 5, 6]);
            Assert.Throws<InvalidOperationException>(() => writer.Append<float>([7]));
            Assert.Throws<ArgumentException>(() => writer.Append<int>([7]));
            writer.Complete();
        });
        using NpyArray array = NpyArray.Open(folder.File("rows.npy"));
        Assert.Equal([3f, 4f], array.Rows<float>(1, 1).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => array.Rows<float>(2, 2).Length);
        Assert.Throws<InvalidOperationException>(() => array.Rows<int>(0, 1).Length);
        var short1 = new NpyWriter(new MemoryStream(), DType.Int64, [2]);
        short1.Append<long>([1]);
        Assert.Throws<InvalidOperationException>(short1.Complete);
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 4, "needs 8 bytes and 4 follow")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 12, "needs 8 bytes and 12 follow")]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", 16, "Fortran order")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", 8, "'>f4' is not read")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", 16, "'|O' is not read")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", 8, "arrays of records")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807), }", 8, "needs more bytes than the file has")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 0, "needs more bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4611686018427387904, 4), }", 0, "needs more bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 8, "shape is no tuple")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 8, "shape is no tuple")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, }", 8, "does not consist of")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8, "there twice")]
    [InlineData("__import__('os').system('echo')", 8, "'{' is missing")]
    [InlineData("", 8, "'{' is missing")]
    public void A_header_that_lies_or_asks_for_something_else_is_refused(string header, int bytes, string words)
    {
        using var folder = new TempFolder();
        string path = folder.File("bad.npy");
        File.WriteAllBytes(path, [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)header.Length), .. Encoding.ASCII.GetBytes(header), .. new byte[bytes]]);
        NpyException refusal = Assert.Throws<NpyException>(() => NpyArray.Open(path));
        Assert.StartsWith($"{path} cannot be used as a .npy array: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_length_beyond_the_file_and_an_unknown_version_are_refused()
    {
        using var folder = new TempFolder();
        string path = folder.File("bad.npy");
        File.WriteAllBytes(path, [0x93, .. "NUMPY"u8, 2, 0, 255, 255, 255, 127, 0, 0]);
        Assert.Contains("header of 2147483647 bytes", Assert.Throws<NpyException>(() => NpyArray.Open(path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, [0x93, .. "NUMPY"u8, 4, 0, 1, 0, 0, 0, 0, 0]);
        Assert.Contains("version is 4", Assert.Throws<NpyException>(() => NpyArray.Open(path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, []);
        Assert.Contains("does not begin", Assert.Throws<NpyException>(() => NpyArray.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_damage_ends_in_success_or_in_a_refusal()
    {
        using var folder = new TempFolder();
        string path = folder.File("a.npy");
        NpyWriter.Write(path, [2, 3], (ReadOnlyMemory<float>)new float[6]);
        byte[] sound = File.ReadAllBytes(path);
        int read = 0;
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte).List[1, 3].Sample(
            flips =>
            {
                byte[] bytes = [.. sound];
                flips.ForEach(flip => bytes[flip.Item1] = flip.Item2);
                File.WriteAllBytes(path, bytes);
                try
                {
                    using NpyArray array = NpyArray.Open(path);
                    Assert.True(array.Count * array.DType.Size() < sound.Length, string.Create(CultureInfo.InvariantCulture, $"{array.Count}"));
                    read++;
                }
                catch (NpyException refusal)
                {
                    Assert.StartsWith(path, refusal.Message, StringComparison.Ordinal);
                }
            },
            seed: "1X2Y3Z4abcdq",
            iter: 2000,
            threads: 1);
        Assert.InRange(read, 1, 1999);
    }
}
