using System.Xml.Linq;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>What is written into the definition of a domain, and what is read out of what libvirt shows.</summary>
public sealed class LibvirtDomainXmlTests
{
    private const string Before = "<domain><devices><hostdev mode='subsystem' type='pci'>";
    private const string After = "</hostdev></devices></domain>";

    private static readonly Guid Uuid = new("11111111-2222-4333-8444-555555555555");

    [Fact]
    public void Domain_IsWritten() => Assert.Equal(
        $"<domain type=\"kvm\"><name>i-2-10-VM</name><uuid>{Uuid}</uuid>"
            + "<metadata><pcibus:vm xmlns:pcibus=\"urn:pcibus:domain\" startedBy=\"17\" /></metadata>"
            + "<memory unit=\"b\">268435456</memory><vcpu>2</vcpu><os><type>hvm</type></os></domain>",
        LibvirtDomainXml.Write(
            new VirtualMachineTO { Name = "i-2-10-VM", Uuid = Uuid, Cpus = 2, MaxRam = 256 << 20, StartedBy = 17 }, "kvm"));

    [Theory]
    [InlineData("</name><devices><hostdev/></devices><name>")]
    [InlineData("a&b<c>\"d'e")]
    [InlineData("]]><!-- &amp; -->")]
    [InlineData("Zoë 山田 \U0001f600")]
    public void HostileName_StaysAName(string name)
    {
        var root = XElement.Parse(LibvirtDomainXml.Write(new VirtualMachineTO { Name = name, Uuid = Uuid }, "kvm"));

        Assert.Equal(name, root.Element("name")?.Value);
        Assert.Equal(["name", "uuid", "metadata", "memory", "vcpu", "os"], root.Elements().Select(element => element.Name.LocalName));
    }

    [Fact]
    public void NameThatNoXmlCanCarry_IsRefused()
    {
        var vm = new VirtualMachineTO { Name = "a\u0001b", Uuid = Uuid };
        var refusal = Assert.Throws<HypervisorException>(() => LibvirtDomainXml.Write(vm, "kvm"));
        Assert.Equal((27, false), (refusal.Code, refusal.OutcomeUnknown));
    }

    [Fact]
    public void Domain_IsRead_WithItsDevices()
    {
        const string xml = """
            <domain type='kvm' id='1'><name>i-2-10-VM</name>
              <metadata><pcibus:vm xmlns:pcibus='urn:pcibus:domain' startedBy='17'/></metadata>
              <devices>
                <hostdev mode='subsystem' type='pci' managed='no'><driver name='vfio'/>
                  <source><address domain='0x0000' bus='0x28' slot='0x1f' function='0x7'/></source>
                  <alias name='ua-pci-3-9'/><address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/></hostdev>
                <hostdev mode='subsystem' type='usb'><source><address bus='1' device='2'/></source></hostdev>
                <interface type='hostdev'><source><address type='pci' domain='65536' bus='40' slot='0' function='1'/></source></interface>
                <interface type='network'><source network='default'/></interface>
              </devices></domain>
            """;
        var domain = LibvirtDomainReader.Read(new LibvirtDomain(Uuid, "i-2-10-VM", LibvirtDomainState.Paused, 2, xml), hasJob: true);

        Assert.Equal((Uuid, "i-2-10-VM", DomainState.Paused), (domain.Uuid, domain.Name, domain.State));
        Assert.Equal((true, 17L), (domain.HasJob, domain.StartedBy));
        Assert.Equal([PciAddress.Parse("0000:28:1f.7"), PciAddress.Parse("10000:28:00.1")], domain.PciDevices);
        Assert.Equal("0000:05:00.0", domain.GuestAddressOf(domain.PciDevices[0]));
        Assert.Equal("", domain.GuestAddressOf(domain.PciDevices[1]));
    }

    [Theory]
    [InlineData("", "no XML")]
    [InlineData("<domain>", "no XML")]
    [InlineData("<!DOCTYPE d [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><domain>&e;</domain>", "no XML")]
    [InlineData("<network/>", "no domain but a network")]
    [InlineData(Before + After, "has no domain in its address")]
    [InlineData(Before + "<source><address domain='0' bus='0x100' slot='0' function='0'/></source>" + After, "the bus \"0x100\"")]
    [InlineData(Before + "<source><address domain='0' bus='-1' slot='0' function='0'/></source>" + After, "the bus \"-1\"")]
    [InlineData(Before + "<source><address domain='0' bus='1' slot='32' function='0'/></source>" + After, "the slot \"32\"")]
    public void WhatIsNoDomain_IsSaidSo(string xml, string reason)
    {
        var domain = new LibvirtDomain(Uuid, "vm", LibvirtDomainState.Running, 1, xml);

        var refusal = Assert.Throws<FormatException>(() => LibvirtDomainReader.Read(domain, hasJob: false));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LibvirtDomainState.None, DomainState.Running)]
    [InlineData(LibvirtDomainState.Running, DomainState.Running)]
    [InlineData(LibvirtDomainState.Blocked, DomainState.Running)]
    [InlineData(LibvirtDomainState.Shutdown, DomainState.Running)]
    [InlineData(LibvirtDomainState.Paused, DomainState.Paused)]
    [InlineData(LibvirtDomainState.PowerManagementSuspended, DomainState.Paused)]
    [InlineData(LibvirtDomainState.Crashed, DomainState.Crashed)]
    internal void State_IsOneOfOurs(LibvirtDomainState state, DomainState ours) => Assert.Equal(ours, LibvirtDomainReader.StateOf(state));
}
