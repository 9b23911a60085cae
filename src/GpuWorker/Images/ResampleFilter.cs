namespace ClusterBench.GpuWorker.Images;

/// <summary>A continuous, even interpolation kernel of Pillow's resampling.</summary>
/// <param name="Support">Half width in pixels of the coarser grid; the weight is 0 beyond.</param>
/// <param name="Weight">The weight at a distance.</param>
public sealed record ResampleFilter(double Support, Func<double, double> Weight)
{
    /// <summary>Triangle.</summary>
    public static ResampleFilter Bilinear { get; } = new(1, x => Math.Max(0, 1 - Math.Abs(x)));

    /// <summary>Cubic convolution with a = -0.5 (Keys 1981; Catmull-Rom).</summary>
    public static ResampleFilter Bicubic { get; } = new(2, Cubic);

    /// <summary>Sinc windowed by the central lobe of a sinc three times as wide.</summary>
    public static ResampleFilter Lanczos { get; } = new(3, x => Math.Abs(x) < 3 ? Sinc(x) * Sinc(x / 3) : 0);

    private static double Cubic(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
}
