using ClusterBench.GpuWorker.Numerics;

namespace ClusterBench.Tests.Numerics;

public sealed class FirstShapeGuardTests
{
    [Fact]
    public void The_first_computation_of_a_shape_is_done_twice_and_later_ones_once()
    {
        using var tokens = new ComputeTokens(2);
        var guard = new FirstShapeGuard(tokens);
        var calls = 0;
        float[] Compute()
        {
            calls++;
            return [1, 2, float.NaN];
        }

        guard.Run("a", Compute, Compare);
        Assert.Equal(2, calls);
        guard.Run("a", Compute, Compare);
        Assert.Equal(3, calls);
        guard.Run("b", Compute, Compare);
        Assert.Equal(5, calls);
    }

    [Fact]
    public void A_result_that_differs_in_one_bit_ends_with_the_shape_and_the_place()
    {
        using var tokens = new ComputeTokens(1);
        var guard = new FirstShapeGuard(tokens);
        var calls = 0;
        float[] Compute() => [1, ++calls == 2 ? MathF.BitIncrement(2) : 2];

        var error = Assert.Throws<UnreliableKernelException>(() => guard.Run("ResNet-18, 16 x 3 x 32 x 32", Compute, Compare));
        Assert.StartsWith("The first computation of ResNet-18, 16 x 3 x 32 x 32, done twice, gave two results: value 1 of 2 is 2 and 2.0000002.", error.Message, StringComparison.Ordinal);
        // It is not taken as proven: the next attempt is checked again.
        guard.Run("ResNet-18, 16 x 3 x 32 x 32", Compute, Compare);
        Assert.Equal(4, calls);
    }

    [Fact]
    public void A_new_shape_computes_while_nobody_else_does()
    {
        using var tokens = new ComputeTokens(4);
        var guard = new FirstShapeGuard(tokens);
        var (running, most) = (0, 0);
        float[] Compute(bool isNew)
        {
            var beside = Interlocked.Increment(ref running);
            if (isNew)
                InterlockedMax(ref most, beside);
            Thread.SpinWait(20_000);
            Interlocked.Decrement(ref running);
            return [0];
        }

        guard.Run("old", () => Compute(false), Compare);
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            var isNew = i % 3 == 0;
            guard.Run(isNew ? $"new {i}" : "old", () => Compute(isNew), Compare);
        });
        Assert.Equal(1, most);
    }

    private static string? Compare(float[] first, float[] second) => Bits.Difference(first, second);

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen; (seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen;)
        {
        }
    }
}
