using ClusterBench.Files;

namespace ClusterBench.Tests.Files;

public sealed class AtomicFileTests
{
    [Fact]
    public void The_old_content_stands_until_the_rename_and_the_new_after_it()
    {
        using var folder = new TempFolder();
        string path = folder.File("a.txt");
        File.WriteAllText(path, "old");
        string? seen = null;
        AtomicFile.Write(path, to => to.Write("new"u8), () => seen = $"{File.ReadAllText(path)}, {Directory.GetFiles(folder.Path).Length} files");
        Assert.Equal("old, 2 files", seen);
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void An_exception_while_writing_or_before_the_rename_leaves_the_old_file_alone()
    {
        using var folder = new TempFolder();
        string path = folder.File("a.txt");
        File.WriteAllText(path, "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, to => { to.Write("half"u8); throw new InvalidOperationException(); }));
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, to => to.Write("new"u8), () => throw new InvalidOperationException()));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_missing_folder_and_a_full_disk_are_errors_that_name_the_file()
    {
        using var folder = new TempFolder();
        string path = folder.File("none/a.txt");
        UserErrorException missing = Assert.Throws<UserErrorException>(() => AtomicFile.Write(path, _ => { }));
        Assert.Equal($"{path} cannot be written: the folder {folder.File("none")} does not exist. Create it or give another path.", missing.Message);
        UserErrorException full = Assert.Throws<UserErrorException>(() => AtomicFile.Write(folder.File("b"), _ => throw new IOException("No space left on device.")));
        Assert.Contains("No space left on device. Make room", full.Message, StringComparison.Ordinal);
        Assert.Equal(1, full.ExitCode);
    }

    [Fact]
    public void Sha256_is_that_of_the_standard_and_a_missing_file_is_named()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("a"), "abc");
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", FileHash.Sha256(folder.File("a"))); // FIPS 180-4's example
        Assert.Contains(folder.File("none"), Assert.Throws<UserErrorException>(() => FileHash.Sha256(folder.File("none"))).Message, StringComparison.Ordinal);
    }
}
