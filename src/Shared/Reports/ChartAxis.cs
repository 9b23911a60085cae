using System.Globalization;

namespace ClusterBench.Reports;

/// <summary>An axis from a round number to a round number.</summary>
internal sealed class ChartAxis
{
    private readonly double _step;

    /// <param name="ticks">About how many there may be.</param>
    /// <param name="whole">It counts: no tick between two whole numbers.</param>
    /// <param name="tight">It ends with the values, not at the next tick.</param>
    public ChartAxis(double low, double high, int ticks, bool whole = false, bool tight = false)
    {
        // Values that differ by rounding alone are one value.
        if (high - low <= 1e-6 * Math.Max(Math.Abs(low), Math.Abs(high)))
        {
            double around = whole ? 0 : high == 0 ? 1 : Math.Abs(high) / 2;
            (low, high) = (low - around, high + around);
        }

        _step = Step(Math.Max(high - low, whole ? 1 : 0) / ticks);
        if (whole)
            _step = Math.Max(1, _step);
        Low = tight ? low : Math.Floor((low / _step) + 1e-9) * _step;
        High = tight && high > low ? high : Math.Ceiling((high / _step) - 1e-9) * _step;
        if (High <= Low)
            High = Low + _step;
        long first = (long)Math.Ceiling((Low / _step) - 1e-9), last = (long)Math.Floor((High / _step) + 1e-9);
        for (long i = first; i <= last; i++)
            Ticks.Add(i * _step);
    }

    public double Low { get; }

    public double High { get; }

    public List<double> Ticks { get; } = [];

    /// <summary>As many digits as tell neighbouring ticks apart.</summary>
    public string Label(double tick)
    {
        if (Math.Abs(tick) < _step / 2)
            return "0";
        return _step < 1e-4
            ? tick.ToString("0.##e-0", CultureInfo.InvariantCulture)
            : tick.ToString("N" + Math.Max(0, (int)Math.Ceiling(-Math.Log10(_step) - 1e-9)), CultureInfo.InvariantCulture);
    }

    /// <summary>0 at the low end, 1 at the high one.</summary>
    public double Share(double value) => (value - Low) / (High - Low);

    // 1, 2 or 5 times a power of ten.
    private static double Step(double least)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return least <= power * 1.000001 ? power : least <= 2 * power ? 2 * power : least <= 5 * power ? 5 * power : 10 * power;
    }
}
