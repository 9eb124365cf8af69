using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.PciDevices;

[ApiResponse("pcidevice", typeof(PciDevice))]
internal sealed class PciDeviceResponse
{
    [JsonProperty("id"), Description("the device's id")]
    public Guid Id { get; init; }

    [JsonProperty("name"), Description("the name by which offerings ask for it")]
    public required string Name { get; init; }

    [JsonProperty("nameoverride"), Description("the name the operator gave it")]
    public string? NameOverride { get; init; }

    [JsonProperty("reportedname"), Description("the name in its host's agent.properties")]
    public required string ReportedName { get; init; }

    [JsonProperty("address"), Description("where it sits, in full: domain:bus:slot.function")]
    public required string Address { get; init; }

    [JsonProperty("domain"), Description("PCI domain, hexadecimal")]
    public string Domain => Address[..^8];

    [JsonProperty("bus"), Description("bus, hexadecimal")]
    public string Bus => Address[^7..^5];

    [JsonProperty("slot"), Description("slot, hexadecimal")]
    public string Slot => Address[^4..^2];

    [JsonProperty("function"), Description("function")]
    public string Function => Address[^1..];

    [JsonProperty("state"), Description(
        "Free, Allocated, Stray (its virtual machine is off or elsewhere and its host has not confirmed it), Unconfigured, Missing, "
        + "Unusable (its host says why), Quarantined, Disabled, Foreign (in a domain that does not own it), Blocked (on the same hardware "
        + "as one in use) or HostNotReady")]
    public PciDeviceState State { get; init; }

    [JsonProperty("statereason"), Description("why it is not free, when the state alone does not say it")]
    public string? StateReason => State switch
    {
        PciDeviceState.Stray => $"{VirtualMachineName} is {VmState}; {HostName} ({HostState}) has not said that it is off there",
        PciDeviceState.Unusable => Unusable,
        PciDeviceState.Quarantined => HealthReason,
        PciDeviceState.Foreign => $"the domain {SeenIn} holds it",
        PciDeviceState.HostNotReady => $"{HostName} is {HostState} and {HostResourceState}",
        PciDeviceState.Allocated when !Enabled => $"disabled; in use by {VirtualMachineName} until it stops",
        _ => null,
    };

    [JsonProperty("allocatable"), Description("whether it can be given out now")]
    public bool Allocatable => State == PciDeviceState.Free;

    [JsonProperty("vendorid"), Description("vendor, hexadecimal")]
    public string? VendorId { get; init; }

    [JsonProperty("deviceid"), Description("product, hexadecimal")]
    public string? DeviceId { get; init; }

    [JsonProperty("class"), Description("PCI class code")]
    public string? Class { get; init; }

    [JsonProperty("serial"), Description("serial number")]
    public string? Serial { get; init; }

    [JsonProperty("driver"), Description("host driver that was bound when it was reported")]
    public string? Driver { get; init; }

    [JsonProperty("iommugroup"), Description("IOMMU group of the host's boot")]
    public int? IommuGroup { get; init; }

    [JsonProperty("numanode"), Description("NUMA node")]
    public int? NumaNode { get; init; }

    [JsonProperty("parentaddress"), Description("address of the physical function of which it is a virtual function")]
    public string? ParentAddress { get; init; }

    [JsonProperty("hostid"), Description("its host")]
    public Guid HostId { get; init; }

    [JsonProperty("hostname"), Description("name of its host")]
    public required string HostName { get; init; }

    [JsonProperty("hoststate"), Description("state of its host")]
    public HostStatus HostState { get; init; }

    [JsonProperty("hostresourcestate"), Description("resource state of its host")]
    public ResourceState HostResourceState { get; init; }

    [JsonProperty("zoneid"), Description("its zone")]
    public Guid ZoneId { get; init; }

    [JsonProperty("zonename"), Description("name of its zone")]
    public required string ZoneName { get; init; }

    [JsonProperty("clusterid"), Description("its cluster")]
    public Guid ClusterId { get; init; }

    [JsonProperty("clustername"), Description("name of its cluster")]
    public required string ClusterName { get; init; }

    [JsonProperty("virtualmachineid"), Description("the virtual machine that owns it")]
    public Guid? VirtualMachineId { get; init; }

    [JsonProperty("virtualmachinename"), Description("name of that virtual machine")]
    public string? VirtualMachineName { get; init; }

    [JsonProperty("vmstate"), Description("state of that virtual machine")]
    public VirtualMachineState? VmState { get; init; }

    [JsonProperty("claim"), Description("number of its ownership: +1 at each change of owner")]
    public long Claim { get; init; }

    [JsonProperty("claimedname"), Description("the name under which it was claimed")]
    public string? ClaimedName { get; init; }

    [JsonProperty("configured"), Description("it is in pci.devices by the last good report")]
    public bool Configured { get; init; }

    [JsonProperty("present"), Description("its host saw it by the last good report")]
    public bool Present { get; init; }

    [JsonProperty("unusable"), Description("why its host says that it can be given to no virtual machine, also while it is in use")]
    public string? Unusable { get; init; }

    [JsonProperty("health"), Description("Good or Quarantined")]
    public PciDeviceHealth Health { get; init; }

    [JsonProperty("healthreason"), Description("why it is quarantined")]
    public string? HealthReason { get; init; }

    [JsonProperty("enabled"), Description("the operator's will")]
    public bool Enabled { get; init; }

    [JsonProperty("seenin"), Description("uuid of the domain that held it by the last report")]
    public Guid? SeenIn { get; init; }

    [JsonProperty("lastseen"), Description("when its host was heard last; left out while it is missing")]
    public DateTimeOffset? LastSeen { get; init; }

    [JsonProperty("created"), Description("when it was reported first")]
    public DateTimeOffset Created { get; init; }
}
