using System.Collections;
using ClusterBench.Data;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>Absolute paths of a list's images, each made when it is asked for: a shard reads a few hundred of a million.</summary>
internal sealed class ImagePaths(IReadOnlyList<ListEntry> entries, string root) : IReadOnlyList<string>
{
    public int Count => entries.Count;

    public string this[int index] => Path.GetFullPath(Path.Combine(root, entries[index].Path));

    public IEnumerator<string> GetEnumerator() => Enumerable.Range(0, Count).Select(i => this[i]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
