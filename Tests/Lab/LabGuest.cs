using PciBus.Contracts.PciDevices;
using PciBus.Tests.Support;

namespace PciBus.Tests.Lab;

/// <summary>A guest of the lab that prints what it sees of its devices, in a file on the host that runs it.</summary>
/// <param name="name">Its name.</param>
/// <param name="uuid">Uuid of its domain.</param>
internal sealed class LabGuest(string name, Guid uuid)
{
    /// <summary>Where hosts keep what guests say.</summary>
    public const string ConsoleFolder = "/var/log/guests";

    private static readonly TimeSpan SpeakTime = TimeSpan.FromSeconds(60);

    public Guid Uuid => uuid;

    /// <summary>The definition of its domain, with devices and with five ports that are free for more.</summary>
    public string Xml(params PciAddress[] devices) =>
        $"""
        <domain type='kvm'>
          <name>{name}</name><uuid>{uuid}</uuid><memory unit='MiB'>192</memory><vcpu>1</vcpu>
          <os><type arch='x86_64' machine='q35'>hvm</type><kernel>/lab/templates/guest/vmlinuz</kernel><initrd>/lab/templates/guest/initrd</initrd>
            <cmdline>console=ttyS0 quiet loglevel=4 mitigations=off tsc=reliable nokaslr cryptomgr.notests</cmdline></os>
          <features><acpi/><apic/></features><cpu mode='host-passthrough' check='none' migratable='on'/>
          <clock offset='utc'/><on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
          <devices>
            <emulator>/usr/bin/qemu-system-x86_64</emulator>
            <controller type='pci' index='0' model='pcie-root'/>
            {string.Join("", Enumerable.Range(1, 5).Select(port => $"<controller type='pci' index='{port}' model='pcie-root-port'/>"))}
            <controller type='usb' model='none'/>
            <serial type='file'><source path='{ConsoleFolder}/{uuid}.log' append='on'/><target port='0'/></serial>
            <memballoon model='none'/>
            {string.Join("", devices.Select((device, index) => Device(device, $"ua-pci-{index}-1")))}
          </devices>
        </domain>
        """;

    /// <summary>A device of the host as a domain has it. It stays with vfio-pci when the domain lets go of it.</summary>
    public static string Device(PciAddress device, string alias) =>
        $"""
        <hostdev mode='subsystem' type='pci' managed='no'><alias name='{alias}'/><source>
        <address domain='{device.Domain}' bus='{device.Bus}' slot='{device.Slot}' function='{device.Function}'/></source></hostdev>
        """;

    /// <summary>Waits until the guest has printed a text, on the host where it runs.</summary>
    /// <returns>Everything it has printed there.</returns>
    public async Task<string> SaysAsync(EmulatedHost host, string text, CancellationToken cancellationToken)
    {
        var said = "";
        await Patience.UntilAsync(
            async () => (said = await host.RunAsync($"cat {ConsoleFolder}/{uuid}.log 2> /dev/null || true", cancellationToken)).Contains(text, StringComparison.Ordinal),
            SpeakTime, () => said, cancellationToken, $"{name} says \"{text}\" on {host.Name}", EmulatedHost.LookInterval);
        return said;
    }

    /// <summary>What it has said on a host is forgotten.</summary>
    public Task ForgetAsync(EmulatedHost host, CancellationToken cancellationToken) =>
        host.RunAsync($": > {ConsoleFolder}/{uuid}.log", cancellationToken);
}
