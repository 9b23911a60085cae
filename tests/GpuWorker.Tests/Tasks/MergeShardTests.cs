using ClusterBench.Arrays;
using ClusterBench.GpuWorker.Knn;
using ClusterBench.GpuWorker.Tasks;
using ClusterBench.Protocol;

namespace ClusterBench.Tests.Tasks;

public sealed class MergeShardTests
{
    [Fact]
    public void More_queries_than_a_tile_are_merged_from_the_files_as_they_are_from_memory()
    {
        // More than two tiles, the last one short; similarities repeat, so that bank indices decide too.
        const int Queries = 2500, Count = 3, K = 5;
        using var folder = new TempFolder();
        List<KnnCandidates> blocks = [];
        List<ShardFile> similarities = [], indices = [];
        for (var block = 0; block < 3; block++)
        {
            var candidates = new KnnCandidates(Queries, Count);
            for (var query = 0; query < Queries; query++)
            {
                for (var place = 0; place < Count; place++)
                {
                    candidates.SimilaritiesOf(query)[place] = (float)(((query * 7) + block) % 5) - place;
                    candidates.IndicesOf(query)[place] = (block * 1000) + (query % 500) + place;
                }
            }

            blocks.Add(candidates);
            similarities.Add(ContentStore.Put(folder.Path, $"similarity-{block}", NpyBytes.Of<float>([Queries, Count], candidates.Similarities), "similarity"));
            indices.Add(ContentStore.Put(folder.Path, $"index-{block}", NpyBytes.Of<int>([Queries, Count], candidates.Indices), "index"));
        }

        var merged = MergeShard.Merge(similarities, indices, K);
        var expected = KnnMerge.Merge(blocks, K);

        Assert.Equal(expected.Indices, merged.Indices);
        Assert.Equal(expected.Similarities, merged.Similarities);
    }
}
