using ClusterBench.Configs;
using ClusterBench.GpuWorker.Devices;
using ClusterBench.GpuWorker.Images;
using ClusterBench.GpuWorker.Numerics;

namespace ClusterBench.GpuWorker.Tasks;

/// <summary>The probe digest with the image resampler in it: what this process computes, in one hash.</summary>
internal static class MachineProbe
{
    /// <summary>Computes the probe, about 300 ms.</summary>
    public static ProbeReport Compute(ComputeDevice device) => ProbeDigest.Compute(Resample, device);

    /// <summary>A picture that follows from its coordinates, through crop, bicubic resize and normalisation.</summary>
    private static byte[] Resample()
    {
        const int Width = 97, Height = 61;
        var pixels = new byte[Width * Height * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((i * 7919) ^ (i >> 3));
        }

        var pipeline = ImagePipeline.Compile(
            [new ResizeConfig(40, null, "bicubic"), new CenterCropConfig(32, 32), new ToTensorConfig(), new NormalizeConfig([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]);
        var image = new RgbImage(Width, Height, pixels);
        var values = new float[3 * 32 * 32];
        pipeline.Run(image, values);
        return System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }
}
