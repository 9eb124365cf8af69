using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Tests.Support;

namespace PciBus.Tests.Hypervisor;

/// <summary>The two <see cref="LibvirtHosts"/>: guests without an operating system, and no PCI device to hand out.</summary>
internal sealed class LibvirtBench : HypervisorBench
{
    private readonly LibvirtHypervisor _first;
    private readonly LibvirtHypervisor _second;

    private LibvirtBench() => (_first, _second) = (Make(LibvirtHosts.First), Make(LibvirtHosts.Second));

    public override IHypervisor First => _first;

    public override IHypervisor Second => _second;

    public static async Task<HypervisorBench> OpenAsync(CancellationToken cancellationToken)
    {
        var bench = new LibvirtBench();
        await bench._first.OpenAsync(cancellationToken);
        await bench._second.OpenAsync(cancellationToken);
        return bench;
    }

    public override void MakeDeaf()
    {
        // As nobody is in.
    }

    public override void SlowDown(Guid domain) => LibvirtHosts.First.Virsh("migrate-setspeed", $"{domain}", "1");

    public override void PowerOff(Guid domain) => LibvirtHosts.First.Virsh("destroy", $"{domain}");

    public override void Pause(Guid domain) => LibvirtHosts.First.Virsh("suspend", $"{domain}");

    public override void Resume(Guid domain) => LibvirtHosts.First.Virsh("resume", $"{domain}");

    public override async ValueTask DisposeAsync()
    {
        foreach (var hypervisor in new[] { _first, _second })
        {
            foreach (var domain in await hypervisor.ListDomainsAsync(CancellationToken.None)) await hypervisor.DestroyAsync(domain.Uuid, CancellationToken.None);
            hypervisor.Dispose();
        }
    }

    /// <summary>The agent's side of a host, on which there is no PCI device.</summary>
    /// <param name="host">The host.</param>
    /// <param name="more">Lines of agent.properties.</param>
    public static LibvirtHypervisor Make(LibvirtHost host, string more = "")
    {
        var properties = AgentProperties.Read(
            "/etc/agent.properties",
            $"guid=a\nstop.wait=500ms\nhypervisor.type=kvm\nkvm.domain.type=qemu\nkvm.uri={host.Uri}\nkvm.migration.uri={host.MigrationUri}\n{more}");
        var sysfs = new Sysfs("/none");
        var pci = new HostPci(sysfs, new HostUse(sysfs, _ => []), () => []);
        return new LibvirtHypervisor(properties, new HostMachine("/"), pci, TimeProvider.System, NullLogger<LibvirtHypervisor>.Instance);
    }
}
