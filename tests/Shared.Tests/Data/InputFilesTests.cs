using System.Text;
using ClusterBench.Data;

namespace ClusterBench.Tests.Data;

public sealed class InputFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clusterbench-input-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_is_described_by_absolute_path_size_and_SHA256()
    {
        var path = Path.Combine(_folder, "abc");
        File.WriteAllBytes(path, Encoding.ASCII.GetBytes("abc"));
        // FIPS 180-2, appendix B.1.
        Assert.Equal(new(path, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3), InputFiles.Describe(path));
        File.WriteAllBytes(path, new byte[(1 << 20) + 1]);
        Assert.Equal((1 << 20) + 1, InputFiles.Describe(path).Bytes);
    }

    [Fact]
    public void A_file_that_is_absent_or_a_folder_is_named()
    {
        var absent = Path.Combine(_folder, "gone.pth");
        Assert.Equal($"There is no file {absent}.", Assert.Throws<UserErrorException>(() => InputFiles.Describe(absent)).Message);
        Assert.StartsWith($"{_folder} cannot be read: ", Assert.Throws<UserErrorException>(() => InputFiles.Describe(_folder)).Message, StringComparison.Ordinal);
    }
}
