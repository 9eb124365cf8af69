using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Tests.Benchmarks;

/// <summary>Where the file of a scene lies.</summary>
/// <param name="Name">As figures name it.</param>
internal sealed record ScenePlace(string Name, string Root, IReadOnlyList<IInterceptor> Interceptors)
{
    private const string SharedMemory = "/dev/shm";

    /// <summary>Room for the two scenes of a filling. A container's shared memory is often smaller.</summary>
    private const long Room = 256L << 20;

    /// <summary>The folder of temporary files, with every commit flushed to the disk as the product does it.</summary>
    public static ScenePlace Disk { get; } = new("durable", Path.GetTempPath(), []);

    /// <summary>Nothing waits for a disk: the file lies in memory, or is not flushed where there is no such place.</summary>
    public static ScenePlace Memory { get; } = HasSharedMemory()
        ? new ScenePlace("in memory", SharedMemory, [])
        : new ScenePlace("synchronous=OFF", Path.GetTempPath(), [new UnflushedConnections()]);

    public string NewFolder() =>
        Directory.CreateDirectory(Path.Combine(Root, $"pcibus-bench-{Guid.NewGuid():N}")).FullName;

    private static bool HasSharedMemory()
    {
        if (!Directory.Exists(SharedMemory) || new DriveInfo(SharedMemory).AvailableFreeSpace < Room) return false;
        try
        {
            var probe = Path.Combine(SharedMemory, $"pcibus-bench-{Guid.NewGuid():N}");
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
