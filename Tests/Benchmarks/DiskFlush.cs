using System.Diagnostics;

namespace PciBus.Tests.Benchmarks;

/// <summary>How long a disk takes to keep a block.</summary>
internal static class DiskFlush
{
    /// <summary>Writes 4 KiB behind one another, and flushes each. Deletes the folder in the end.</summary>
    /// <returns>Milliseconds of one write with its flush.</returns>
    public static double P50(string folder, int count)
    {
        var block = new byte[4096];
        var times = new List<double>();
        using (var file = File.Create(Path.Combine(folder, "flushed"), bufferSize: 0))
        {
            for (var i = 0; i < count; i++)
            {
                var started = Stopwatch.GetTimestamp();
                file.Write(block);
                file.Flush(flushToDisk: true);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        Directory.Delete(folder, recursive: true);
        return Figure.Median(times);
    }
}
