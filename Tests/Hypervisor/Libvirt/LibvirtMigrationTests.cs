using PciBus.Agent.Hypervisor.Libvirt;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

public sealed class LibvirtMigrationTests
{
    private const LibvirtMigrateFlags Always = LibvirtMigrateFlags.Live | LibvirtMigrateFlags.PeerToPeer;

    [Theory]
    [InlineData("qemu+tcp://10.99.0.2/system", false, Always, "tcp://10.99.0.2")]
    [InlineData("qemu+tcp://kvm-7:16510/system", true, Always | LibvirtMigrateFlags.AutoConverge, "tcp://kvm-7")]
    [InlineData("qemu+tls://[fe80::1]/system", false, Always | LibvirtMigrateFlags.Tls, "tcp://[fe80::1]")]
    [InlineData("qemu:///system", false, Always, null)]
    [InlineData("<nonsense>", false, Always, null)]
    internal void Memory_GoesWhereTheDestinationIsFound(string destination, bool autoConverge, LibvirtMigrateFlags flags, string? memory)
    {
        var migration = LibvirtMigration.To(destination, autoConverge);

        Assert.Equal((destination, flags, memory), (migration.DestinationUri, migration.Flags, migration.MemoryUri));
    }
}
