using System.Globalization;
using System.Security.Cryptography;
using ClusterBench.GpuWorker.Tasks;

namespace ClusterBench.Tests.Tasks;

public sealed class ContentStoreTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_put_is_found_whole_by_whoever_looks_for_its_name()
    {
        var file = ContentStore.Put(folder.File("key"), "train-00000000-00000004", [1, 2, 3], "feat5");

        Assert.Equal($"train-00000000-00000004-{Convert.ToHexStringLower(SHA256.HashData([1, 2, 3]))}.npy", Path.GetFileName(file.Path));
        Assert.Equal(file, ContentStore.Find(folder.File("key"), "train-00000000-00000004", "feat5"));
        Assert.Equal((3L, "feat5"), (file.Bytes, file.Name));
    }

    [Fact]
    public void Another_name_and_a_folder_that_is_not_there_hold_nothing()
    {
        ContentStore.Put(folder.Path, "train-00000000-00000004", [1], "feat5");
        Assert.Null(ContentStore.Find(folder.Path, "train-00000004-00000008", "feat5"));
        Assert.Null(ContentStore.Find(folder.Path, "train", "feat5"));
        Assert.Null(ContentStore.Find(folder.File("missing"), "train-00000000-00000004", "feat5"));
    }

    [Fact]
    public void A_damaged_file_is_refused_and_a_whole_one_beside_it_is_taken()
    {
        var damaged = ContentStore.Put(folder.Path, "val-0-4", [1, 2, 3, 4], "feat5");
        File.WriteAllBytes(damaged.Path, [1, 2, 3, 5]);
        Assert.Null(ContentStore.Find(folder.Path, "val-0-4", "feat5"));
        File.WriteAllBytes(damaged.Path, [1, 2, 3]);
        Assert.Null(ContentStore.Find(folder.Path, "val-0-4", "feat5"));

        var whole = ContentStore.Put(folder.Path, "val-0-4", [9], "feat5");
        Assert.Equal(whole, ContentStore.Find(folder.Path, "val-0-4", "feat5"));
    }

    [Fact]
    public void Putting_over_a_damaged_file_makes_it_whole()
    {
        var file = ContentStore.Put(folder.Path, "val-0-4", [1, 2], "feat5");
        File.WriteAllBytes(file.Path, [0]);
        Assert.Equal(file, ContentStore.Put(folder.Path, "val-0-4", [1, 2], "feat5"));
        Assert.Equal(file, ContentStore.Find(folder.Path, "val-0-4", "feat5"));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Sweep_removes_what_processes_left_that_are_gone_and_nothing_else()
    {
        string Temporary(string host, int process) => string.Create(CultureInfo.InvariantCulture, $".x.npy.{host}~{process}~{Guid.NewGuid():N}.tmp");
        var gone = folder.File(Temporary(Environment.MachineName, int.MaxValue));
        string[] kept =
        [
            folder.File(Temporary(Environment.MachineName, Environment.ProcessId)), folder.File(Temporary("another-host", int.MaxValue)),
            folder.File(".other.tmp"), folder.File("val-0-4.npy"),
        ];
        foreach (var path in kept.Append(gone))
        {
            File.WriteAllText(path, "x");
        }

        ContentStore.Sweep(folder.Path);
        ContentStore.Sweep(folder.File("missing"));

        Assert.Equal(kept.Order(StringComparer.Ordinal), Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_link_shows_the_stored_bytes_in_another_folder_also_when_made_twice()
    {
        var file = ContentStore.Put(folder.File("store"), "val-0-4", [7, 8], "feat5");
        ContentStore.Link(file, folder.File("run"));
        ContentStore.Link(file, folder.File("run"));
        Assert.Equal([7, 8], File.ReadAllBytes(Path.Combine(folder.File("run"), Path.GetFileName(file.Path))));
    }

    [Fact]
    public void A_store_that_cannot_be_made_is_an_error_that_names_it()
    {
        File.WriteAllText(folder.File("file"), "");
        var error = Assert.Throws<UserErrorException>(() => ContentStore.Put(folder.File("file"), "val-0-4", [1], "feat5"));
        Assert.Contains(folder.File("file"), error.Message, StringComparison.Ordinal);
    }
}
