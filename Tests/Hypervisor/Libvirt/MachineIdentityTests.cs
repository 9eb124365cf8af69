using PciBus.Agent.Hypervisor.Libvirt;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

public sealed class MachineIdentityTests : IDisposable
{
    private const string Board = "4c4c4544-0042-3510-8051-b4c04f313233";
    private const string Libvirts = "7f3c1a52-9a0e-4b7e-8f0d-1f2e3d4c5b6a";
    private const string Installation = "3d1219c7c4c5404aaa1f6d2a48adfda4";

    private readonly string _root = Directory.CreateTempSubdirectory("pcibus-machine-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("4C4C4544-0042-3510-8051-B4C04F313233\n", true, Libvirts, Board)]
    [InlineData("00000000-0000-0000-0000-000000000000", true, Libvirts, Libvirts)]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", true, Libvirts, Libvirts)]
    [InlineData("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", true, Libvirts, Libvirts)]
    [InlineData("03000200-0400-0500-0006-000700080009", true, Libvirts, Libvirts)]
    [InlineData("Not Settable", true, Libvirts, Libvirts)]
    [InlineData(null, true, Libvirts, Libvirts)]
    [InlineData(null, true, "03000200-0400-0500-0006-000700080009", Installation)]
    [InlineData(null, true, null, Installation)]
    [InlineData(null, false, Libvirts, Installation)]
    public void Machine_IsKnownByTheFirstThatIsWorthSomething(string? board, bool isGiven, string? libvirts, string identity)
    {
        if (board is not null) Write("sys/class/dmi/id/product_uuid", board);
        Write("etc/libvirt/libvirtd.conf", $"# host_uuid = \"{Board}\"\n{(isGiven ? $"host_uuid = \"{libvirts}\"\n" : "")}");
        Write("etc/machine-id", Installation + "\n");

        Assert.Equal(identity, new MachineIdentity(_root).Find(libvirts));
    }

    [Fact]
    public void UuidOfLibvirt_ThatIsTheInstallations_IsOne()
    {
        Write("etc/libvirt/virtqemud.conf", "host_uuid_source = \"machine-id\"\n");
        Assert.Equal(Libvirts, new MachineIdentity(_root).Find(Libvirts));
        Write("etc/libvirt/virtqemud.conf", "host_uuid_source = \"smbios\"\n");
        Assert.Throws<IOException>(() => new MachineIdentity(_root).Find(Libvirts));
    }

    [Fact]
    public void Boot_IsTheKernels()
    {
        Write("proc/sys/kernel/random/boot_id", "f0e2a3d4-0000-4000-8000-000000000001\n");
        Assert.Equal("f0e2a3d4-0000-4000-8000-000000000001", new MachineIdentity(_root).BootId);
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
